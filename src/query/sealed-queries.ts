import type { DataKeys } from '../secrets/data-keys.js';
import { openBytes, sealBytes } from '../secrets/seal.js';
import type { Answered, QueryBroker, QueryHandler, QueryItem, QueryOutcome } from './ports.js';

interface SealedParts {
  readonly broker: QueryBroker;
  readonly keys: DataKeys;
  /** The participant under whose key a question travels; null: as it is. */
  readonly sealFor: (participants: readonly string[]) => string | null;
}

const NOWHERE = { method: '', path: '', query: '', headers: {} } as const;

/** What a broker keeps on its disks of questions and answers of such participants is encrypted: target, headers and content. */
export function sealedQueries({ broker, keys, sealFor }: SealedParts): QueryBroker {
  return {
    ask: async (item, signal) => {
      const participant = sealFor([item.message.sender.participant, item.receiver.participant]);
      if (participant === null) return broker.ask(item, signal);
      return openOutcome(await broker.ask(await sealItem(item, participant, keys), signal), item.message.id, keys);
    },
    server: (handler) => broker.server(opening(handler, keys)),
    onLate: (listener) => broker.onLate(listener),
  };
}

const opening =
  (handler: QueryHandler, keys: DataKeys): QueryHandler =>
  async (item, signal) => {
    const { sealed, ...question } = item;
    if (!sealed) return handler(item, signal);
    const { id } = item.message;
    const key = await keys.get(sealed);
    const { facts: target, body: content } = unpack<QueryItem['target']>(
      openBytes(key, item.content, `question ${id}`),
    );
    const outcome = await handler({ ...question, target, content }, signal);
    if (outcome.kind === 'failed') return outcome;
    const { headers, body } = outcome;
    return { ...outcome, sealed, headers: {}, body: sealBytes(key, pack(headers, body), `answer ${id}`) };
  };

async function sealItem(item: QueryItem, participant: string, keys: DataKeys): Promise<QueryItem> {
  const { id, key } = await keys.of(participant);
  const content = sealBytes(key, pack(item.target, item.content), `question ${item.message.id}`);
  return { ...item, target: NOWHERE, content, sealed: id };
}

async function openOutcome(outcome: QueryOutcome, id: string, keys: DataKeys): Promise<QueryOutcome> {
  if (outcome.kind === 'failed' || !outcome.sealed) return outcome;
  const { sealed, ...answer } = outcome;
  const plain = openBytes(await keys.get(sealed), answer.body, `answer ${id}`);
  const { facts: headers, body } = unpack<Answered['headers']>(plain);
  return { ...answer, headers, body };
}

function pack(facts: object, body: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(facts));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, body]);
}

function unpack<T>(bytes: Buffer): { readonly facts: T; readonly body: Buffer } {
  const end = 4 + bytes.readUInt32BE(0);
  return { facts: JSON.parse(bytes.toString('utf8', 4, end)) as T, body: bytes.subarray(end) };
}
