import type { MessageState } from '../message/message.js';
import type { MessageFilter, Party } from '../trace/ports.js';

/** Conditions on a message `m` and, where there are any, on one delivery `s` of it. */
interface Branch {
  readonly message: readonly string[];
  readonly delivery: readonly string[];
}

const ON_NOTHING: Branch = { message: [], delivery: [] };

/** Numbers the values of a statement. */
class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

const both = (one: Branch, other: Branch): Branch => ({
  message: [...one.message, ...other.message],
  delivery: [...one.delivery, ...other.delivery],
});

/** Every one of these with every one of those. */
const times = (these: readonly Branch[], those: readonly Branch[]): readonly Branch[] =>
  these.flatMap((one) => those.map((other) => both(one, other)));

function partyOf(columns: readonly [participant: string, system: string], party: Party, values: Values): string[] {
  const given = [party.participant, party.system];
  return columns.flatMap((column, at) => (given[at] === undefined ? [] : [`${column} = ${values.add(given[at])}`]));
}

/**
 * Who it is from and for. What an operator sees of a message is by its sender, which knows of every receiver, or by a receiver
 * in scope, which knows of itself.
 */
function partiesOf({ sender, receiver, participants, state }: MessageFilter, values: Values): readonly Branch[] {
  const whole = state === undefined ? [] : [`m.state = ${values.add(state)}`, ...partial(state)];
  const from = sender ? partyOf(['m.sender_participant', 'm.sender_system'], sender, values) : [];
  const scope = participants && values.add(participants);
  const isScoped = (column: string) => (scope ? [`${column} = ANY(${scope}::text[])`] : []);
  const to = receiver ? receiversOf(receiver, values) : scope ? null : [ON_NOTHING];
  const sent = (to ?? [ON_NOTHING]).map((one) => both(one, { message: [...from, ...whole], delivery: [] }));
  if (!scope) return sent;
  const own = state === undefined ? [] : stateInScope(state, scope, values);
  const inScope = (one: Branch): Branch => ({
    message: [...one.message, ...from, ...own, ...(one.delivery.length > 0 ? [] : isScoped('m.receiver'))],
    delivery: [...one.delivery, ...(one.delivery.length > 0 ? isScoped('s.receiver_participant') : [])],
  });
  const received = (to ?? [ON_NOTHING, { message: [], delivery: [`s.kind = 'message'`] }]).map(inScope);
  const bySender = sent.map((one) => both(one, { message: isScoped('m.sender_participant'), delivery: [] }));
  return [...bySender, ...received];
}

/** Most messages are completed; an index holds the others. */
const partial = (state: MessageState) => (state === 'COMPLETED' ? [] : [`m.state <> 'COMPLETED'`]);

/** States of the whole that a message may have of which the receivers in scope are in this one. */
const WHOLE: Readonly<Record<MessageState, readonly MessageState[]>> = {
  ACCEPTED: ['ACCEPTED'],
  PARTIALLY_FAILED: ['PARTIALLY_FAILED', 'ACCEPTED'],
  COMPLETED: ['COMPLETED', 'PARTIALLY_FAILED', 'ACCEPTED'],
  REJECTED: ['REJECTED'],
};

/** What became of it at the receivers in scope, as if there were no others; of what has no delivery, of the whole. */
function stateInScope(state: MessageState, scope: string, values: Values): string[] {
  const own = `(SELECT CASE WHEN bool_or(r.state NOT IN ('DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED')) THEN 'ACCEPTED'
    WHEN bool_and(r.state = 'DELIVERED') THEN 'COMPLETED' WHEN count(*) > 0 THEN 'PARTIALLY_FAILED' END
    FROM delivery r WHERE r.message_id = m.id AND r.kind = 'message' AND r.receiver_participant = ANY(${scope}::text[]))`;
  const whole = `m.state = ANY(${values.add(WHOLE[state])}::text[])`;
  return [whole, ...partial(state), `coalesce(${own}, m.state) = ${values.add(state)}`];
}

/** A refused message, a question and an answer name their receiver themselves; the others by their deliveries. */
function receiversOf(receiver: Party, values: Values): readonly Branch[] {
  const columns = ['s.receiver_participant', 's.receiver_system'] as const;
  const delivered = { message: [], delivery: [`s.kind = 'message'`, ...partyOf(columns, receiver, values)] };
  const named = receiver.system === undefined && receiver.participant !== undefined;
  if (!named) return [delivered];
  return [{ message: [`m.receiver = ${values.add(receiver.participant)}`], delivery: [] }, delivered];
}

function faultsOf({ fault }: MessageFilter, values: Values): readonly Branch[] {
  if (fault === undefined) return [ON_NOTHING];
  const code = values.add(fault);
  return [
    { message: [`m.fault IS NOT NULL`, `m.fault ->> 'code' = ${code}`], delivery: [] },
    { message: [], delivery: [`s.kind = 'message'`, 's.last_fault IS NOT NULL', `s.last_fault ->> 'code' = ${code}`] },
  ];
}

function attemptsOf({ attempts }: MessageFilter, values: Values): readonly Branch[] {
  if (attempts === undefined) return [ON_NOTHING];
  const many = attempts > 1 ? ['s.attempts > 1'] : [];
  return [{ message: [], delivery: [`s.kind = 'message'`, ...many, `s.attempts >= ${values.add(attempts)}`] }];
}

function plainOf({ service, protocol, from, to }: MessageFilter, values: Values): readonly Branch[] {
  const conditions = [
    ['m.service =', service],
    ['m.protocol =', protocol],
    ['m.accepted_at >=', from],
    ['m.accepted_at <', to],
  ] as const;
  const given = conditions.flatMap(([test, value]) => (value === undefined ? [] : [`${test} ${values.add(value)}`]));
  return [{ message: given, delivery: [] }];
}

/** Where ids lie: which messages are looked at, and how many are wanted. */
export interface Reach {
  /** First id, and the one after the last. */
  readonly from: string;
  readonly to: string;
  /** Only these. */
  readonly ids: readonly string[] | null;
  readonly limit: number;
}

/**
 * The newest ids in reach. Each branch says all of its conditions at once, so that the planner drives it from whichever is the
 * rarest; what several branches find is one.
 */
export function searchSql(filter: MessageFilter, { from, to, ids, limit }: Reach) {
  const values = new Values();
  const [low, high, most] = [values.add(from), values.add(to), values.add(limit)];
  const within = (column: string) => `${column} >= ${low} AND ${column} < ${high}`;
  const named = ids === null ? null : values.add(ids);
  const chosen = (column: string) => (named === null ? '' : ` AND ${column} = ANY(${named}::uuid[])`);
  const parts = [plainOf, attemptsOf, faultsOf, partiesOf].map((part) => part(filter, values));
  const branches = parts.reduce((all, one) => times(all, one));
  const texts = branches.map(({ message, delivery }) => {
    const order = `ORDER BY m.id DESC LIMIT ${most}`;
    const where = [`${within('m.id')}${chosen('m.id')}`, ...message].join(' AND ');
    if (delivery.length === 0) return `(SELECT m.id FROM message m WHERE ${where} ${order})`;
    const on = [`${within('s.message_id')}${chosen('s.message_id')}`, ...new Set(delivery)].join(' AND ');
    return `(SELECT DISTINCT m.id FROM message m JOIN delivery s ON s.message_id = m.id WHERE ${where} AND ${on} ${order})`;
  });
  return {
    text: texts.length === 1 ? (texts[0] as string) : `${texts.join(' UNION ')} ORDER BY id DESC LIMIT ${most}`,
    values: values.list,
  };
}

/** That one of the bodies in the array `codes` has sent or received the message `m`; null: whoever it was. */
export const concerns = (codes: string): string =>
  `(${codes}::text[] IS NULL OR m.sender_participant = ANY(${codes}::text[]) OR m.receiver = ANY(${codes}::text[])
    OR EXISTS (SELECT FROM delivery r WHERE r.message_id = m.id AND r.kind = 'message' AND r.receiver_participant = ANY(${codes}::text[])))`;

/**
 * Ids that a text names: $1 the text, $2 its form as a business key and the hash of that, $3 the id that it is or null, $4 before which
 * id, $5 how many, $6 IPA codes in sight or null. What is out of sight takes nobody's place.
 */
export const NAMED = `
SELECT id FROM (
  (SELECT m.id FROM message m WHERE m.message_id = $1 AND m.id < $4 AND ${concerns('$6')} ORDER BY m.id DESC LIMIT $5)
  UNION (SELECT m.id FROM message m WHERE m.correlation_id = $1 AND m.id < $4 AND ${concerns('$6')} ORDER BY m.id DESC LIMIT $5)
  UNION (SELECT DISTINCT m.id FROM business_key k JOIN message m ON m.id = k.message_id
    WHERE k.lookup = ANY($2::text[]) AND k.message_id < $4 AND ${concerns('$6')} ORDER BY m.id DESC LIMIT $5)
  UNION (SELECT id FROM message WHERE id = $3::uuid AND id < $4)
  UNION (SELECT d.message_id FROM delivery d WHERE d.id = $3::uuid AND d.message_id < $4
    AND ($6::text[] IS NULL OR d.receiver_participant = ANY($6::text[])
      OR EXISTS (SELECT FROM message m WHERE m.id = d.message_id AND m.sender_participant = ANY($6::text[]))))
) named ORDER BY id DESC LIMIT $5`;
