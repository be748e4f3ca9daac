import type { Evidence, Entry, Got, Sent } from './ledger.js';

/** A promise that was broken; `ids` are the senders' ids, the first few of them. */
export interface Breach {
  readonly invariant: string;
  readonly what: string;
  readonly count: number;
  readonly ids: readonly string[];
}

type Check = (evidence: Evidence) => readonly Breach[];

const SHOWN = 5;
const ENDED = ['DELIVERED', 'FAILED', 'EXPIRED', 'CANCELLED'];

/** What each invariant of the bench says, in the words of the report. */
export const INVARIANTS: Readonly<Record<string, { readonly says: string; readonly check: Check }>> = {
  I1: {
    says: 'what was accepted has reached its receiver: none refuses for good, and no fault outlasts the tries',
    check: lost,
  },
  I2: { says: 'each message has one effect at its receiver', check: doubleEffects },
  I3: { says: 'first deliveries of a conversation come in its order', check: orderBreaks },
  I4: { says: 'the content arrives as it was sent', check: changedContents },
  I5: { says: 'the journal tells of each message once, whole and in order, and of no other', check: journalBreaks },
  I6: { says: 'what was not accepted has no effect, or one', check: doubtful },
  I7: { says: 'nothing reaches another receiver', check: wrongReceivers },
  I8: { says: 'the same id with another content is refused, the same content gets the same answer', check: answers },
  I9: { says: 'nothing is left waiting', check: leftovers },
};

/** Breaches of all invariants. */
export function breachesOf(evidence: Evidence): readonly Breach[] {
  return Object.values(INVARIANTS).flatMap(({ check }) => check(evidence));
}

const isAccepted = ({ status }: Sent) => status !== null && status >= 200 && status < 300;
const originals = ({ sent }: Evidence) => sent.filter(({ intent }) => intent !== 'changed');
const taken = ({ got }: Evidence) => got.filter((row) => row.taken);

function breach(invariant: string, what: string, ids: readonly string[]): readonly Breach[] {
  return ids.length === 0 ? [] : [{ invariant, what, count: ids.length, ids: ids.slice(0, SHOWN) }];
}

const acceptedIds = (evidence: Evidence) => [
  ...new Set(
    originals(evidence)
      .filter(isAccepted)
      .map(({ id }) => id),
  ),
];

function lost(evidence: Evidence): readonly Breach[] {
  const arrived = new Set(taken(evidence).map(({ id }) => id));
  return breach(
    'I1',
    'accepted and never delivered',
    acceptedIds(evidence).filter((id) => !arrived.has(id)),
  );
}

/** Ids that a receiver which keys on the idempotency key would have acted on more than once. */
function actedOnTwice(rows: readonly Got[]): readonly string[] {
  const keys = groupBy(rows, ({ id }) => id);
  return [...keys].filter(([, own]) => new Set(own.map(({ key }) => key)).size > 1).map(([id]) => id);
}

function doubleEffects(evidence: Evidence): readonly Breach[] {
  return breach('I2', 'delivered under more than one idempotency key', actedOnTwice(taken(evidence)));
}

function doubtful(evidence: Evidence): readonly Breach[] {
  const accepted = new Set(acceptedIds(evidence));
  const rest = taken(evidence).filter(({ id }) => !accepted.has(id));
  return breach('I6', 'not accepted, and delivered more than once', actedOnTwice(rest));
}

/** A sender of the bench sends the next message of an ordered conversation when the one before was accepted. */
function orderBreaks(evidence: Evidence): readonly Breach[] {
  const broken: string[] = [];
  const ordered = new Set(evidence.sent.filter(({ isOrdered }) => isOrdered).map(({ conversation }) => conversation));
  const rows = taken(evidence).filter(({ conversation }) => ordered.has(conversation));
  for (const own of groupBy(rows, ({ conversation }) => conversation).values()) {
    let newest = -1;
    for (const { id, number } of firstOfEach(own)) {
      if (number < newest) broken.push(id);
      newest = Math.max(newest, number);
    }
  }
  return breach('I3', 'first delivered after a later one of its conversation', broken);
}

function firstOfEach(rows: readonly Got[]): readonly Got[] {
  const seen = new Set<string>();
  return rows.toSorted((a, b) => a.at - b.at).filter(({ id }) => !seen.has(id) && seen.add(id));
}

function changedContents(evidence: Evidence): readonly Breach[] {
  const sent = new Map(originals(evidence).map(({ id, digest }) => [id, digest]));
  const changed = evidence.got.filter(({ id, digest }) => sent.get(id) !== digest).map(({ id }) => id);
  return breach('I4', 'content that was not sent under this id', [...new Set(changed)]);
}

function wrongReceivers(evidence: Evidence): readonly Breach[] {
  const meant = new Map(evidence.sent.map(({ id, receiver }) => [id, receiver]));
  const wrong = evidence.got.filter(({ id, receiver }) => meant.get(id) !== receiver).map(({ id }) => id);
  return breach('I7', 'arrived at a receiver it was not for', [...new Set(wrong)]);
}

function answers(evidence: Evidence): readonly Breach[] {
  const ids = groupBy(originals(evidence).filter(isAccepted), ({ id }) => id);
  const others = [...ids].filter(([, rows]) => new Set(rows.map(({ gatewayId }) => gatewayId)).size > 1);
  const wrong = evidence.sent.filter(
    ({ intent, status }) => intent === 'changed' && isDefinite(status) && status !== 409,
  );
  return [
    ...breach(
      'I8',
      'answered with more than one id of the gateway',
      others.map(([id]) => id),
    ),
    ...breach(
      'I8',
      'another content under a used id was not refused as such',
      wrong.map(({ id }) => id),
    ),
  ];
}

/** 429 and 5xx say nothing about the message. */
const isDefinite = (status: number | null) => status !== null && status < 500 && status !== 429 && status !== 408;

function leftovers({ told, queues }: Evidence): readonly Breach[] {
  const open = told.filter(({ deliveries }) => deliveries.some(({ state }) => !ENDED.includes(state)));
  const lying = Object.entries(queues).filter(([, count]) => count > 0);
  return [
    ...breach(
      'I9',
      'not ended in the ledger',
      open.map(({ id }) => id),
    ),
    ...breach(
      'I9',
      'still in RabbitMQ',
      lying.map(([queue, count]) => `${queue}: ${count}`),
    ),
  ];
}

const FIRST = 'message.accepted';
const LAST = ['message.completed', 'message.partially-failed'];

function journalBreaks(evidence: Evidence): readonly Breach[] {
  const entries = groupBy(evidence.journal, ({ gatewayId }) => gatewayId);
  const known = new Map(evidence.told.map(({ gatewayId, id }) => [gatewayId, id]));
  const accepted = originals(evidence).filter(isAccepted);
  const untold = accepted.filter(({ gatewayId }) => !isWhole(entries.get(gatewayId ?? '') ?? []));
  const sent = new Set(evidence.sent.map(({ id }) => id));
  const invented = [...entries.keys()].filter((gatewayId) => !sent.has(known.get(gatewayId) ?? ''));
  return [
    ...breach('I5', 'accepted without a whole story in the journal', [...new Set(untold.map(({ id }) => id))]),
    ...breach('I5', 'in the journal and never sent', invented),
  ];
}

/** One acceptance first, and one end. */
function isWhole(story: readonly Entry[]): boolean {
  const events = story.toSorted((a, b) => a.seq - b.seq).map(({ event }) => event);
  const ends = events.filter((event) => LAST.includes(event));
  const delivered = events.indexOf('delivery.delivered');
  const isClaimed = delivered === -1 || events.slice(0, delivered).includes('delivery.claimed');
  return (
    events[0] === FIRST && events.filter((event) => event === FIRST).length === 1 && ends.length === 1 && isClaimed
  );
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
