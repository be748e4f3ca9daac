import { type ConfigError, readConfig } from './config.js';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map((problem) => problem.name);
  }
};

const SET = {
  CROCEVIA_OIDC_ISSUER: 'https://id.example',
  CROCEVIA_OIDC_CLIENT_ID: 'crocevia',
  CROCEVIA_OIDC_SECRET_FILE: '/run/secrets/oidc',
};

describe('settings of the issuer', () => {
  it('3: is none unless it is set, and asks for sub by openid', () => {
    expect(readConfig({}).oidc).toBeNull();
    expect(readConfig(SET).oidc).toEqual({
      issuer: 'https://id.example',
      clientId: 'crocevia',
      secretFile: '/run/secrets/oidc',
      keyFile: null,
      scopes: 'openid',
      claim: 'sub',
    });
  });

  it.each([
    [{ CROCEVIA_OIDC_CLIENT_ID: '' }, ['CROCEVIA_OIDC_CLIENT_ID']],
    [{ CROCEVIA_OIDC_SECRET_FILE: '' }, ['CROCEVIA_OIDC_SECRET_FILE']],
    [{ CROCEVIA_OIDC_KEY_FILE: '/run/secrets/key' }, ['CROCEVIA_OIDC_SECRET_FILE']],
    [{ CROCEVIA_OIDC_SCOPES: 'email' }, ['CROCEVIA_OIDC_SCOPES']],
    [{ CROCEVIA_OIDC_ISSUER: 'http://id.example' }, ['CROCEVIA_OIDC_ISSUER']],
    [{ CROCEVIA_OIDC_ISSUER: 'http://127.0.0.1.evil.example' }, ['CROCEVIA_OIDC_ISSUER']],
    [{ CROCEVIA_OIDC_ISSUER: 'http://127.0.0.1:9000' }, []],
    [{ CROCEVIA_FOUR_EYES: 'yes' }, ['CROCEVIA_FOUR_EYES']],
  ])('3: %j: names what is wrong', (more, expected) => {
    expect(problemsOf({ ...SET, ...more })).toEqual(expected);
  });
});
