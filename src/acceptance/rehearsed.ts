import { Fault } from '../message/fault.js';
import type { Caller, Identified, StationClock } from '../message/stages.js';
import type { Operation } from '../registry/model.js';
import type { DocumentKey } from '../registry/registry-store.js';
import type { Registry } from '../registry/registry.js';

/** A message that an operator hands in, and where it is to go. */
export interface RehearsedOrder {
  readonly key: Pick<DocumentKey, 'id' | 'version'>;
  /** IPA code. */
  readonly provider: string;
  readonly headers: Identified['headers'];
  readonly body: Buffer;
  /** Over REST: below the service; left out: its first operation. */
  readonly path?: string;
  readonly method?: string;
}

/** The message as if it had come over HTTP from the caller. Throws parameter-wrong. */
export function rehearsed(
  { key, provider, headers, body, ...place }: RehearsedOrder,
  registry: Registry,
  caller: Caller,
): Identified {
  const isSoap = isEnvelope(body);
  return {
    door: 'http',
    binding: isSoap ? 'soap' : 'rest',
    address: {
      participant: provider,
      version: key.version,
      service: key.id,
      ...(isSoap ? ENVELOPE : restOf(key, place, registry)),
    },
    headers,
    arrivedAt: new Date(),
    clock: NO_CLOCK,
    caller,
  };
}

const NO_CLOCK: StationClock = { mark: () => undefined, note: () => undefined, marks: [], fork: () => NO_CLOCK };

const ENVELOPE = { path: '', query: '', method: 'POST' };

function restOf(
  { id, version }: RehearsedOrder['key'],
  { path, method }: Pick<RehearsedOrder, 'path' | 'method'>,
  registry: Registry,
) {
  const first = path === undefined ? firstOf(registry.service(id, version)?.operations ?? []) : null;
  const [plain = '', query = ''] = (path ?? first?.path ?? '').split('?');
  return { path: plain, query, method: method ?? first?.method ?? 'POST' };
}

/** The first operation that takes a body, else the first. Throws parameter-wrong where its path needs values. */
function firstOf(operations: readonly Operation[]) {
  const first = firstOverRest(operations)?.rest;
  if (!first?.path.includes('{')) return first;
  throw new Fault('parameter-wrong', {
    detail: `${first.method} ${first.path} has parameters in its path.`,
    place: 'path',
    expected: `path=${first.path} with its values`,
  });
}

export function firstOverRest(operations: readonly Operation[]): Operation | undefined {
  const ofRest = operations.filter(({ rest }) => rest !== null);
  return ofRest.find(({ jsonSchema, xsd }) => jsonSchema ?? xsd) ?? ofRest[0];
}

export const isEnvelope = (body: Buffer) => /<(?:[\w.-]+:)?Envelope[\s>]/.test(body.toString('latin1', 0, 4_096));
