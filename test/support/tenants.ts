import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import type { HttpAnswer } from './client.js';

/** A system with a key of its own, `{name}.secret-{name}`. */
export const systemOf = (
  name: string,
  participant: string,
  more: Partial<Extract<RegistryDocument, { kind: 'system' }>> = {},
): RegistryDocument => ({
  kind: 'system',
  id: `${name}.sistema`,
  participant,
  credentials: [{ kind: 'api-key', id: name, hash: hashSecret(`secret-${name}`) }],
  ...more,
});
export const keyOf = (name: string) => `${name}.secret-${name}`;

/** Headers that tell of this very answer: its time, its connection, and what is left of the caller's own limits. */
const OF_THIS_ANSWER = [
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
];

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * All that an answer tells, so that two can be compared: without times, without ids that the gateway gave to this very question, and
 * with `{name}` where one of `names` stands.
 */
export function told({ status, headers, text }: HttpAnswer, names: readonly string[]): object {
  const kept = Object.entries(headers).filter(([name]) => !OF_THIS_ANSWER.includes(name));
  let plain = JSON.stringify([kept, text]);
  for (const name of [...names].sort((a, b) => b.length - a.length)) plain = plain.replaceAll(name, '{name}');
  return { status, plain: plain.replace(UUID, '{id}').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{time}') };
}
