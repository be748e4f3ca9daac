import { isPathTemplate, matchesPath } from './path-template.js';

describe('a path template', () => {
  it.each([
    ['/instance/{id}', '/instance/7', true],
    ['/instance/{id}/', '/instance/7', true],
    ['/instance/{id}', '/instance', false],
    ['/instance/{id}', '/instance/7/document', false],
    ['/instance/{id}.json', '/instance/7.json', true],
    ['/instance/{id}.json', '/instance/.json', false],
    ['/instance/{id}', '/Instance/7', false],
    ['/a', '/a', true],
    ['/', '', true],
    ['/{id}', '', false],
  ])('2: %s and %s: %s', (template, path, expected) => {
    expect(matchesPath(template, path)).toBe(expected);
  });

  it.each(['', 'a', '//', '/a b', '/{a}{b}', '/{a}}/b', '/{a/b}', '/%2e', '/a?b'])('2: is not %j', (path) => {
    expect(isPathTemplate(path)).toBe(false);
  });
});
