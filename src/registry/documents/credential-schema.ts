import { closed, when } from './receiving-schema.js';

/** Algorithms of signatures that are taken (RFC 7518, RFC 8037): a key pair each, none with a shared secret. */
export const SIGNATURES = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
] as const;

/** How systems prove who they are, in the schema of the registry documents. */
export const hash = {
  type: 'string',
  pattern: '^scrypt\\$(16384|32768|65536|131072)\\$8\\$[1-4]\\$[A-Za-z0-9_-]{16,}\\$[A-Za-z0-9_-]{32,}$',
  description: 'what `crocevia hash` prints',
};
const name = (pattern: string) => ({ type: 'string', pattern });
const moment = (what: string) => ({ type: 'string', format: 'date-time', description: `it proves nothing ${what}` });
const absoluteUri = { type: 'string', pattern: '^[a-z][a-z0-9+.-]*:[^\\s]{1,255}$' };

const distinguishedName = {
  type: 'string',
  minLength: 3,
  maxLength: 1_024,
  description: 'as RFC 4514 writes it: CN=anagrafe,O=Comune di Sulmona,C=IT',
};

const publicKey = {
  type: 'object',
  properties: {
    kty: { enum: ['RSA', 'EC', 'OKP'] },
    kid: { type: 'string', minLength: 1, maxLength: 128 },
    d: false,
    k: false,
  },
  required: ['kty'],
  description: 'a public key (RFC 7517); two while one replaces the other',
};

const shaped = (kind: string, properties: Record<string, unknown>, required: readonly string[]) =>
  when('kind', kind, closed({ kind: {}, ...properties, ...validity }, required));
const validity = { notBefore: moment('before'), expires: moment('from then on') };

export const credential = {
  type: 'object',
  properties: { kind: { enum: ['api-key', 'basic', 'tls', 'amqp', 'oauth', 'token'] } },
  required: ['kind'],
  allOf: [
    shaped('api-key', { id: name('^[A-Za-z0-9_-]{1,64}$'), hash }, ['id', 'hash']),
    shaped('basic', { username: name('^[^:\\s]{1,64}$'), hash }, ['username', 'hash']),
    shaped('tls', { thumbprint: name('^[0-9a-f]{64}$'), subject: distinguishedName, issuer: distinguishedName }, []),
    {
      if: { properties: { kind: { const: 'tls' } }, required: ['kind'] },
      then: {
        oneOf: [{ required: ['thumbprint'] }, { required: ['subject'] }],
        dependentRequired: { issuer: ['subject'] },
      },
    },
    shaped('amqp', { username: name('^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$') }, ['username']),
    shaped(
      'oauth',
      {
        clientId: { ...name('^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'), description: 'letters, digits, _ . -' },
        hash: { ...hash, description: 'of the client secret: what `crocevia hash` prints' },
        jwks: closed({ keys: { type: 'array', items: publicKey, minItems: 1, maxItems: 8 } }, ['keys']),
        publicKey: {
          type: 'string',
          pattern: '^-----BEGIN PUBLIC KEY-----\\s',
          maxLength: 8192,
          description: 'PEM, as `openssl pkey -pubout` prints it',
        },
      },
      ['clientId'],
    ),
    {
      if: { properties: { kind: { const: 'oauth' } }, required: ['kind'] },
      then: { oneOf: [{ required: ['hash'] }, { required: ['jwks'] }, { required: ['publicKey'] }] },
    },
    shaped('token', { issuer: absoluteUri, subject: { type: 'string', minLength: 1, maxLength: 255 } }, [
      'issuer',
      'subject',
    ]),
  ],
};

export const issuer = closed(
  {
    kind: { const: 'issuer' },
    id: name('^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    issuer: { ...absoluteUri, description: '`iss` of its tokens' },
    jwksUri: {
      type: 'string',
      pattern: '^(https://|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])[:/])',
      description: 'where its keys are fetched: https, or http on this host',
    },
    audience: { type: 'string', minLength: 1, maxLength: 255, description: 'what its tokens name in `aud`' },
    algorithms: {
      type: 'array',
      items: { enum: SIGNATURES },
      minItems: 1,
      description: 'of signatures that are taken; default: all of them',
    },
  },
  ['kind', 'id', 'issuer', 'jwksUri', 'audience'],
);
