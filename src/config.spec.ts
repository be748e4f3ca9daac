import { type ConfigError, readConfig } from './config.js';
import { redact } from './config-reading.js';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map((problem) => problem.name);
  }
};

describe('readConfig', () => {
  it('11: chooses the embedded shape when nothing is set', () => {
    const config = readConfig({});
    expect(config).toMatchObject({ databaseUrl: null, amqpUrls: [], host: '127.0.0.1', port: 8080 });
    expect(config.publicUrl).toBe('http://127.0.0.1:8080');
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('11: takes a cluster by configuration only', () => {
    const config = readConfig({
      DATABASE_URL: 'postgres://u:p@db/x',
      AMQP_URL: 'amqp://a, amqp://b',
      CROCEVIA_ROLES: 'relay',
    });
    expect(config.amqpUrls).toEqual(['amqp://a', 'amqp://b']);
    expect(config.roles).toEqual(['relay']);
  });

  it('6: lets documents of the registry quote the environment, but none of its own settings', () => {
    const own = { DATABASE_URL: 'postgres://u:p@db/x', CROCEVIA_ADMIN_TOKEN: 'operators-token-of-the-tests' };
    expect(readConfig({ ...own, REGIONE_URL: 'http://a.example' }).env).toEqual({ REGIONE_URL: 'http://a.example' });
  });

  it('7.16: tells which variables are set, and the values of numbers and choices only', () => {
    const { settings } = readConfig({
      DATABASE_URL: 'postgres://u:canary@db/x',
      CROCEVIA_ADMIN_TOKEN: 'canary-of-the-operators',
      CROCEVIA_NODE: 'canary',
      CROCEVIA_PORT: '8081',
      REGIONE_PASSWORD: 'canary',
    });
    expect(settings).toEqual({
      DATABASE_URL: null,
      CROCEVIA_ADMIN_TOKEN: null,
      CROCEVIA_NODE: null,
      CROCEVIA_PORT: '8081',
    });
  });

  it('names every wrong, unknown or contradictory variable at once', () => {
    expect(
      problemsOf({ CROCEVIA_PORT: '99999', CROCEVIA_PROT: '1', PUBLIC_URL: 'ftp://x', CROCEVIA_ADMIN_TOKEN: 'short' }),
    ).toEqual(['CROCEVIA_PROT', 'CROCEVIA_ADMIN_TOKEN', 'CROCEVIA_PORT', 'PUBLIC_URL']);
    expect(problemsOf({ AMQP_URL: 'amqp://a' })).toEqual(['DATABASE_URL']);
    expect(problemsOf({ CROCEVIA_ROLES: 'ingress' })).toEqual(['CROCEVIA_ROLES']);
    expect(problemsOf({ CROCEVIA_TLS_CERT_FILE: 'a.pem' })).toEqual(['CROCEVIA_TLS_KEY_FILE']);
  });

  it('6: calls no private address unasked, and the examples on this machine without a database', () => {
    const networks = (env: Record<string, string>) => readConfig(env).allowedNetworks;
    expect(networks({})).toEqual(['127.0.0.0/8', '::1']);
    expect(networks({ DATABASE_URL: 'postgres://u:p@db/x' })).toEqual([]);
    expect(networks({ CROCEVIA_ALLOWED_NETWORKS: 'none' })).toEqual([]);
    expect(networks({ CROCEVIA_ALLOWED_NETWORKS: '10.20.0.0/16, 192.168.7.7' })).toEqual([
      '10.20.0.0/16',
      '192.168.7.7',
    ]);
    expect(problemsOf({ CROCEVIA_ALLOWED_NETWORKS: '10.0.0.0/8,everything' })).toEqual(['CROCEVIA_ALLOWED_NETWORKS']);
  });

  it('7: believes no proxy unasked', () => {
    const proxies = (env: Record<string, string>) => readConfig(env).trustedProxies;
    expect(proxies({})).toEqual([]);
    expect(proxies({ CROCEVIA_TRUSTED_PROXIES: '10.0.5.0/24, ::1' })).toEqual(['10.0.5.0/24', '::1']);
    expect(problemsOf({ CROCEVIA_TRUSTED_PROXIES: 'loadbalancer' })).toEqual(['CROCEVIA_TRUSTED_PROXIES']);
  });

  it('never shows a password', () => {
    expect(redact('postgres://user:secret@host/db')).toBe('postgres://user:***@host/db');
    expect(() => readConfig({ DATABASE_URL: 'mysql://user:secret@host/db' })).toThrow(/\*\*\*/);
  });
});
