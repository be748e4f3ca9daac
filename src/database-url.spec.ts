import { databaseUrls } from './database-url.js';

describe('databaseUrls', () => {
  it.each([
    ['postgres://u:p@a/x', ['postgres://u:p@a/x']],
    ['postgres://a:5432,b:5433/x', ['postgres://a:5432/x', 'postgres://b:5433/x']],
    [
      'postgresql://u:p%40@a:5432,[::1]:5433,c/x?sslmode=require&target_session_attrs=read-write',
      ['a:5432', '[::1]:5433', 'c'].map((host) => `postgresql://u:p%40@${host}/x?sslmode=require`),
    ],
    ['postgres://a,b/x?target_session_attrs=primary', ['postgres://a/x', 'postgres://b/x']],
  ])('8: makes of %s one address a host', (text, urls) => {
    expect(databaseUrls(text)).toEqual(urls);
  });

  it.each([
    'mysql://a/x',
    'postgres:///x',
    'postgres://a,/x',
    'postgres://a:port,b/x',
    'postgres://a,b/x?target_session_attrs=standby',
    'postgres://u@v@a/x',
  ])('8: refuses %s', (text) => {
    expect(() => databaseUrls(text)).toThrow(/Invalid URL|is missing|target_session_attrs/);
  });
});
