import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { signingKey, type TokenIssuer } from './tokens.js';

export const REST = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';
export const SECRET = 'segreto di sulmona/+:ù';
export const BOX = { channel: 'box', shape: 'original' } as const;
export const KEY = signingKey('sulmona-1');
export const PEM_KEY = signingKey('pem');
export const STRANGER = signingKey('sulmona-1');
export const encoded = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
export const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')}`;
export const GRANT = { grant_type: 'client_credentials' };

export const documents = (issuers: readonly TokenIssuer[]): readonly RegistryDocument[] => [
  ...issuers.map((one, at) => ({
    kind: 'issuer' as const,
    id: `issuer-${at}`,
    issuer: one.url,
    jwksUri: one.jwksUri,
    audience: 'gateway',
    algorithms: ['ES256', 'RS256'],
  })),
  {
    kind: 'system',
    id: 'sulmona.tributi',
    participant: 'c_i804',
    credentials: [
      { kind: 'oauth', clientId: 'sulmona.tributi', hash: hashSecret(SECRET) },
      { kind: 'oauth', clientId: 'sulmona.keys', jwks: { keys: [KEY.jwk] } },
      {
        kind: 'oauth',
        clientId: 'sulmona.pem',
        publicKey: String(PEM_KEY.publicKey.export({ format: 'pem', type: 'spki' })),
      },
      ...issuers.map((one) => ({ kind: 'token' as const, issuer: one.url, subject: 'sulmona' })),
    ],
  },
];

export interface Token {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
}
