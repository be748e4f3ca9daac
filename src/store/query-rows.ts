import type { Kept, LateAnswer, QueryOpening, QueryRecord } from '../query/ports.js';
import { messageColumns } from './message-store.js';
import { keyRows, type StoredKey } from './search-key.js';

/** Contents as they are kept, and the data key of those that are encrypted. */
export type Sealed<T extends QueryOpening> = T & {
  readonly sealed?: string;
  readonly storedKeys?: readonly StoredKey[];
};

/** Rows of RECORD_QUERIES, the contents that they point into, and business keys. */
export interface QueryRows {
  readonly rows: object[];
  readonly contents: Buffer[];
  readonly keys: object[];
}

/** Before it is asked. */
export function addOpening(opening: Sealed<QueryOpening>, to: QueryRows): void {
  const facts = { state: 'ACCEPTED', failed: 0, fault: null, event: null };
  to.rows.push({ ...questionRow(opening), ...facts, ...placed(opening.content, opening, to) });
  to.keys.push(...keyRows(opening.message.id, opening.storedKeys));
}

/** As it has ended; `isNew` where it was not written down before it was asked. */
export function addRecord(record: Sealed<QueryRecord>, isNew: boolean, to: QueryRows): void {
  const { end, endedAt, answer } = record;
  const ended = { ...endOf(record), ended_at: endedAt };
  if (isNew) to.rows.push({ ...questionRow(record), ...ended, ...placed(record.content, record, to) });
  if (isNew) to.keys.push(...keyRows(record.message.id, record.storedKeys));
  else to.rows.push({ ...messageColumns(record.message), ...ended, is_new: false });
  if (answer) to.rows.push(answerRow(answer, record, end.kind === 'failed' ? end.fault : null, to));
}

/** An answer that came when nobody waited any more. */
export function addLate({ id, outcome }: LateAnswer, at: Date, to: QueryRows): void {
  const detail = { status: outcome.status, size: outcome.body.length };
  to.rows.push({ id, event: 'query.late', ended_at: at, sender_system: 'gateway', detail });
}

const questionRow = ({ message, receiver }: QueryOpening) => ({
  ...messageColumns(message),
  receiver: receiver.participant,
  asked: { receiver: receiver.participant, size: message.size },
  is_new: true,
});

function endOf({ message, receiver, end, stations }: QueryRecord): object {
  const fault = end.kind === 'failed' ? end.fault : null;
  return {
    state: fault ? 'PARTIALLY_FAILED' : 'COMPLETED',
    failed: fault ? 1 : 0,
    fault,
    event: fault ? 'query.failed' : 'query.answered',
    detail: {
      receiver: receiver.participant,
      service: message.service,
      stations,
      ...(end.kind === 'failed' ? { fault } : { size: end.size, status: end.status, digest: end.digest }),
    },
  };
}

/** What could not be handed on is kept too, as refused. */
function answerRow(
  { message, content }: Kept,
  asked: Sealed<QueryRecord>,
  fault: object | null,
  to: QueryRows,
): object {
  const { participant } = asked.message.sender;
  return {
    ...messageColumns(message),
    receiver: participant,
    state: fault ? 'REJECTED' : 'COMPLETED',
    failed: 0,
    fault,
    event: 'query.kept',
    ended_at: asked.endedAt,
    detail: { receiver: participant, size: message.size },
    is_new: true,
    ...placed(content, asked, to),
  };
}

function placed(content: Buffer | null, { sealed }: { readonly sealed?: string }, { contents }: QueryRows): object {
  if (content === null) return {};
  const start = contents.reduce((sum, { length }) => sum + length, 0);
  contents.push(content);
  return { start, length: content.length, ...(sealed && { sealed }) };
}
