import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import type { PublicJwk } from '../../src/registry/model.js';
import type { Dispatcher } from 'undici';
import { http, type HttpAnswer } from './client.js';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
}

export function signingKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, publicKey, jwk: { ...(publicKey.export({ format: 'jwk' }) as PublicJwk), kid } };
}

const seconds = () => Math.floor(Date.now() / 1_000);

/** A JWT with the claims and header given, over those that every good one has; an undefined claim is left out. */
export function signed(
  { kid, privateKey }: SigningKey,
  claims: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const good = { iat: seconds(), exp: seconds() + 60, jti: randomUUID() };
  return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(privateKey);
}

export const askForToken = (
  url: string,
  form: Readonly<Record<string, string>> | string,
  authorization?: string,
  dispatcher?: Dispatcher,
): Promise<HttpAnswer> =>
  http(`${url}/oauth/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization !== undefined && { authorization }),
    },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    ...(dispatcher && { dispatcher }),
  });

export const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** An issuer of tokens of somebody else, with its key set. */
export interface TokenIssuer {
  readonly url: string;
  readonly jwksUri: string;
  /** What the next fetches find; a number is a status without a body. */
  serve(keys: readonly PublicJwk[] | number | string): void;
  fetches(): number;
  /** Every address that was asked for. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export async function startIssuer(): Promise<TokenIssuer> {
  let served: readonly PublicJwk[] | number | string = [];
  const asked: string[] = [];
  const server: Server = createServer((request, reply) => {
    asked.push(request.url ?? '');
    if (typeof served === 'number') return void reply.writeHead(served, { location: '/elsewhere' }).end();
    reply.setHeader('content-type', 'application/jwk-set+json');
    reply.end(typeof served === 'string' ? served : JSON.stringify({ keys: served }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    jwksUri: `${url}/jwks`,
    serve: (keys) => void (served = keys),
    fetches: () => asked.filter((path) => path === '/jwks').length,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
