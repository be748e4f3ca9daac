import { Fault } from '../message/fault.js';

/** How a client says who it is (RFC 6749 §2.3.1, RFC 7523 §2.2). */
export type ClientProof =
  | { readonly clientId: string; readonly secret: string; readonly place: 'Authorization' | 'client_secret' }
  | { readonly clientId: string | null; readonly assertion: string };

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const TYPE_PLACE = 'client_assertion_type';

/**
 * Reads a request for a token by client credentials (RFC 6749 §4.4). `authorization` holds each occurrence of the header.
 * Throws token-request-wrong, grant-unsupported, scope-unsupported, client-wrong.
 */
export function readTokenRequest(form: string, authorization: readonly string[]): ClientProof {
  const values = readForm(form);
  const grant = values.get('grant_type');
  if (grant === undefined) throw wrong('grant_type', 'grant_type is missing.', 'client_credentials');
  if (grant !== 'client_credentials')
    throw new Fault('grant-unsupported', {
      detail: 'This grant type is not supported.',
      place: 'grant_type',
      expected: 'client_credentials',
    });
  if (values.get('scope'))
    throw new Fault('scope-unsupported', {
      detail: 'This gateway has no scopes.',
      place: 'scope',
      expected: 'no scope: agreements say what a system may call',
    });
  return proofIn(values, authorization);
}

/** A parameter without a value counts as left out, and none comes twice (RFC 6749 §3.2). */
function readForm(form: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(form)) {
    if (values.has(name)) throw wrong(name.slice(0, 64), 'A parameter comes more than once.', 'each parameter once');
    values.set(name, value);
  }
  return new Map([...values].filter(([, value]) => value !== ''));
}

function proofIn(values: ReadonlyMap<string, string>, authorization: readonly string[]): ClientProof {
  const clientId = values.get('client_id') ?? null;
  const [secret, assertion] = [values.get('client_secret'), values.get('client_assertion')];
  const ways = authorization.length + Number(secret !== undefined) + Number(assertion !== undefined);
  if (ways > 1) throw wrong('client_id', 'The client proves who it is in more than one way.', 'one way, once');
  if (authorization[0] !== undefined) return basicProof(authorization[0], clientId);
  if (assertion !== undefined) {
    if (values.get(TYPE_PLACE) !== ASSERTION_TYPE)
      throw wrong(TYPE_PLACE, `${TYPE_PLACE} is missing or of another kind.`, ASSERTION_TYPE);
    return { clientId, assertion };
  }
  if (secret !== undefined && clientId !== null) return { clientId, secret, place: 'client_secret' };
  throw new Fault('client-wrong', {
    detail: 'The client does not say who it is.',
    place: 'Authorization',
    expected: 'Basic base64(<client id>:<secret>), client_id and client_secret, or client_assertion',
  });
}

/** Both halves are form-encoded before base64 (RFC 6749 §2.3.1). */
function basicProof(header: string, named: string | null): ClientProof {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header.trim())?.[1] ?? '';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const clientId = colon < 1 ? null : formDecoded(text.slice(0, colon));
  const secret = formDecoded(text.slice(colon + 1));
  if (clientId === null || secret === null || (named !== null && named !== clientId))
    throw new Fault('client-wrong', {
      detail: 'The Authorization header names no client, or another one than client_id.',
      place: 'Authorization',
      expected: 'Basic base64(<client id>:<secret>)',
    });
  return { clientId, secret, place: 'Authorization' };
}

function formDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

const wrong = (place: string, detail: string, expected: string) =>
  new Fault('token-request-wrong', { detail, place, expected });
