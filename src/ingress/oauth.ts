import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FaultCode } from '../message/fault-catalogue.js';
import { Fault, faultFrom } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import type { IssueToken } from '../oauth/issue-token.js';
import type { SigningKeys } from '../oauth/signing-keys.js';
import { SIGNATURES } from '../registry/documents/credential-schema.js';
import { discardRest, readBody } from './body.js';
import { json } from './caller.js';
import { send } from './exchange.js';
import { everyValue } from './peer.js';

export interface OauthParts {
  readonly tokens: {
    readonly issue: IssueToken;
    readonly keys: Pick<SigningKeys, 'jwks'>;
    /** Told of each request for a token that was refused. */
    readonly refused: (fault: Fault, address: string) => void;
  };
  readonly publicUrl: string;
}

const LIMITS = { maxBytes: 16_384, timeoutMs: 10_000 };
const FORM = 'application/x-www-form-urlencoded';

/** The gateway's own token endpoint (RFC 6749), its keys (RFC 7517) and what it says of itself (RFC 8414). */
export function oauthRoutes(app: FastifyInstance, parts: OauthParts): void {
  app.post('/oauth/token', (request, reply) => answerToken(request, reply, parts));
  app.get('/oauth/jwks', async (_request, reply) =>
    send(reply, cacheable(json(200, parts.tokens.keys.jwks(), { 'content-type': 'application/jwk-set+json' }))),
  );
  app.get('/.well-known/oauth-authorization-server', async (_request, reply) =>
    send(reply, cacheable(json(200, metadata(parts.publicUrl)))),
  );
}

const cacheable = (reply: Reply): Reply => ({ ...reply, headers: { ...reply.headers, 'cache-control': 'max-age=60' } });

async function answerToken(
  request: FastifyRequest,
  reply: FastifyReply,
  { tokens }: OauthParts,
): Promise<FastifyReply> {
  try {
    requireForm(request.headers['content-type']);
    const form = (await readBody(request.raw, LIMITS)).toString('utf8');
    const issued = await tokens.issue(form, everyValue(request.raw.rawHeaders, 'authorization'), request.ip);
    return send(reply, json(200, issued, { pragma: 'no-cache' }));
  } catch (error) {
    const fault = faultFrom(error);
    tokens.refused(fault, request.ip);
    discardRest(request.raw, reply.raw);
    return send(reply, refusal(fault));
  }
}

function requireForm(contentType = ''): void {
  if (contentType.split(';', 1)[0]?.trim().toLowerCase() === FORM) return;
  throw new Fault('token-request-wrong', { detail: 'The request is no form.', place: 'Content-Type', expected: FORM });
}

const ERRORS: Partial<Record<FaultCode, string>> = {
  'client-wrong': 'invalid_client',
  'credentials-expired': 'invalid_client',
  'grant-unsupported': 'unsupported_grant_type',
  'scope-unsupported': 'invalid_scope',
};

/** RFC 6749 §5.2, and beside it what every refusal of this gateway says. */
function refusal({ code, kind, info }: Fault): Reply {
  const { detail, place, expected, retryAfterSeconds } = info;
  const status = kind.http ?? 500;
  const passing = status >= 500 || status === 429 ? 'temporarily_unavailable' : 'invalid_request';
  const body = {
    error: ERRORS[code] ?? passing,
    error_description: detail.replace(/[^\x20-\x7e]|["\\]/g, ' '),
    error_uri: `/problems/${code}`,
    code,
    blame: kind.blame,
    retryable: kind.retryable,
    ...(place !== undefined && { place }),
    ...(expected !== undefined && { expected }),
  };
  return json(status, body, {
    pragma: 'no-cache',
    ...(status === 401 && { 'www-authenticate': 'Basic realm="crocevia", charset="UTF-8"' }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
  });
}

const metadata = (issuer: string) => ({
  issuer,
  token_endpoint: `${issuer}/oauth/token`,
  jwks_uri: `${issuer}/oauth/jwks`,
  grant_types_supported: ['client_credentials'],
  response_types_supported: [],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: SIGNATURES,
});
