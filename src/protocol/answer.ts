import type { Fault, Violation } from '../message/fault.js';
import type { Acceptance, Reply } from '../message/stages.js';
import type { AnswerContext } from './protocol.js';

/** Namespace of what the gateway itself says in XML (schemas/crocevia/1.0/gateway.xsd). */
export const GATEWAY_NAMESPACE = 'https://schemi.crocevia.example/gateway/1.0';

/** Seconds that a 503 asks for where the fault names none. */
const RETRY_AFTER = 5;
const MEDIA_TYPES = /^[\w.+-]+\/[\w.+*-]+(, [\w.+-]+\/[\w.+*-]+)*$/;

/** Headers that every answer to an accepted message carries, whatever its protocol. */
export function acceptanceHeaders({ message }: Acceptance, { statusUrl }: AnswerContext): Record<string, string> {
  return {
    'x-gateway-id': message.id,
    'x-message-id': message.messageId,
    'x-correlation-id': message.correlationId,
    ...(statusUrl !== null && { location: statusUrl }),
  };
}

/** Headers that a status needs (RFC 9110 §10.2.1, §10.2.3, §11.6.1, §15.5.16), drawn from the fault. */
export function refusalHeaders(fault: Fault, { id }: AnswerContext): Record<string, string> {
  const { kind, info } = fault;
  const retryAfter = info.retryAfterSeconds ?? (kind.http === 503 ? RETRY_AFTER : null);
  return {
    ...(id !== null && { 'x-gateway-id': id }),
    ...(retryAfter !== null && { 'retry-after': String(Math.ceil(retryAfter)) }),
    ...wayOut(fault),
  };
}

/** What the client is to do otherwise, in the words of HTTP. */
function wayOut(fault: Fault): Record<string, string> {
  const { kind, info } = fault;
  const { expected = '', place } = info;
  if (kind.http === 401) return { 'www-authenticate': challenges(fault) };
  if (kind.http === 405 && /^[A-Z]+(, [A-Z]+)*$/.test(expected)) return { allow: expected };
  if (kind.http !== 415) return {};
  if (place === 'Content-Encoding') return { 'accept-encoding': 'identity' };
  return MEDIA_TYPES.test(expected) ? { 'accept-post': expected } : {};
}

/** RFC 6750 §3 tells of a token what is wrong with it; RFC 7617 asks for UTF-8. */
function challenges({ code, info }: Fault): string {
  const said = info.detail.replace(/[^\x20-\x7e]|["\\]/g, ' ');
  const error = code.startsWith('token-') ? `, error="invalid_token", error_description="${said}"` : '';
  return `Bearer realm="crocevia"${error}, Basic realm="crocevia", charset="UTF-8"`;
}

/** HTTP 202 (RFC 9110 §15.3.3) with the ids in JSON, also to a sender that wrote XML. */
export function acceptedAsJson(acceptance: Acceptance, context: AnswerContext): Reply {
  const { id, messageId, correlationId, acceptedAt } = acceptance.message;
  const body = {
    id,
    messageId,
    correlationId,
    state: 'ACCEPTED',
    acceptedAt: acceptedAt.toISOString(),
    duplicate: acceptance.duplicate,
    ...(context.statusUrl !== null && { status: context.statusUrl }),
  };
  const headers = { ...acceptanceHeaders(acceptance, context), 'content-type': 'application/json' };
  return { status: 202, headers, body: JSON.stringify(body) };
}

/** A refusal as problem+json (RFC 9457 §3); `id` is the gateway's id of the refusal. */
export function problem(fault: Fault, context: AnswerContext): Reply {
  const { kind, code, info } = fault;
  const status = kind.http ?? 500;
  const body = {
    type: `/problems/${code}`,
    title: kind[context.language],
    status,
    detail: info.detail,
    ...(context.statusUrl !== null && { instance: context.statusUrl }),
    ...(context.id !== null && { id: context.id }),
    code,
    blame: kind.blame,
    retryable: kind.retryable,
    ...(info.place !== undefined && { place: info.place }),
    ...(info.expected !== undefined && { expected: info.expected }),
    ...(info.provider && { provider: info.provider }),
    ...(info.violations && { errors: info.violations.map(showViolation), truncated: info.truncated ?? false }),
  };
  const headers = {
    ...refusalHeaders(fault, context),
    'content-type': 'application/problem+json',
    'content-language': context.language,
    'cache-control': 'no-store',
  };
  return { status, headers, body: JSON.stringify(body) };
}

/** The published names only, whatever else a violation may come to hold. */
function showViolation({ path, line, column, rule, expected, found, message }: Violation) {
  return { path, line, column, rule, expected, found, message };
}
