import { dayName, HASHED_EVERY, namesOf, PARTICIPANTS, RARE, SERVICES, SMALL } from './many-messages.js';

/** How much there is, and which of many like searches this is. */
interface Ground {
  readonly days: number;
  readonly perDay: number;
  readonly round: number;
}

/** A form of search that operators use. */
export interface Form {
  readonly name: string;
  /** Operator; left out: the platform. */
  readonly as?: 'centre' | 'busy' | 'small';
  readonly query: (ground: Ground) => Record<string, string>;
  /** True where frequent things seldom come together: the time may be over before everything is looked through. */
  readonly mayTakeParts?: true;
}

const DAY_MS = 86_400_000;

/** Another message of another day in each round. */
function one({ days, perDay, round }: Ground, step = 1) {
  const n = Math.floor(((round * 7_919) % perDay) / step) * step;
  return namesOf(dayName((round * 7) % days), n);
}
const service = ({ round }: Ground) => SERVICES[round % SERVICES.length] as string;
const party = ({ round }: Ground) => `c_${(round * 13) % PARTICIPANTS}`;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

const BOX: readonly Form[] = [
  { name: 'one box: the sender’s id', query: (on) => ({ q: one(on).messageId }) },
  { name: 'one box: a correlation id', query: (on) => ({ q: one(on).correlationId }) },
  { name: 'one box: a fiscal code', query: ({ round }) => ({ q: `cf${round * 31_337}` }) },
  { name: 'one box: a protocol number', query: (on) => ({ q: one(on).protocolNumber }) },
  { name: 'one box: a dossier id, hashed', query: (on) => ({ q: one(on, HASHED_EVERY).dossier }) },
  { name: 'one box: nothing of that name', query: ({ round }) => ({ q: `nothing-${round}` }) },
  { name: 'one box: an id of another scope', as: 'small', query: (on) => ({ q: one(on).messageId }) },
  {
    name: 'one box: a fiscal code, and a filter',
    query: ({ round }) => ({ q: `CF${round * 31_337}`, state: 'COMPLETED' }),
  },
];

const NEWEST: readonly Form[] = [
  { name: 'newest', query: () => ({}) },
  { name: 'newest of a centre with 150 bodies', as: 'centre', query: () => ({}) },
  { name: 'newest of a busy municipality', as: 'busy', query: () => ({}) },
  { name: 'newest of a municipality with few', as: 'small', query: () => ({}) },
  { name: 'older than ten days', query: () => ({ to: ago(10) }) },
  { name: 'older than ten days, of a centre', as: 'centre', query: () => ({ to: ago(10) }) },
];

const FILTERS: readonly Form[] = [
  { name: 'sender', query: (on) => ({ sender: party(on) }) },
  { name: 'sender with few', query: () => ({ sender: SMALL }) },
  { name: 'receiver', query: (on) => ({ receiver: party(on) }) },
  { name: 'receiver with few', query: () => ({ receiver: SMALL }) },
  { name: 'service', query: (on) => ({ service: service(on) }) },
  { name: 'rare service', query: () => ({ service: RARE.service }) },
  { name: 'rare protocol', query: () => ({ protocol: RARE.protocol }) },
  { name: 'refused', query: () => ({ state: 'REJECTED' }) },
  { name: 'failed', query: () => ({ state: 'PARTIALLY_FAILED' }) },
  { name: 'not ended, older than a week', query: () => ({ state: 'ACCEPTED', to: ago(7) }) },
  { name: 'frequent cause', query: () => ({ fault: 'schema-violation' }) },
  { name: 'rare cause', query: () => ({ fault: RARE.fault }) },
  { name: 'cause of deliveries', query: () => ({ fault: 'receiver-refused' }) },
  { name: 'three tries', query: () => ({ attempts: '3' }) },
  { name: 'six tries, which none has', query: () => ({ attempts: '6' }), mayTakeParts: true },
];

const TOGETHER: readonly Form[] = [
  { name: 'sender, receiver', query: (on) => ({ sender: party(on), receiver: 'c_1' }) },
  {
    name: 'sender, service, failed',
    mayTakeParts: true,
    query: (on) => ({ sender: party(on), service: service(on), state: 'PARTIALLY_FAILED' }),
  },
  { name: 'receiver, cause', mayTakeParts: true, query: (on) => ({ receiver: party(on), fault: 'receiver-refused' }) },
  {
    name: 'a week, receiver, service, protocol',
    mayTakeParts: true,
    query: (on) => ({ from: ago(14), to: ago(7), receiver: party(on), service: service(on), protocol: 'soap12' }),
  },
  {
    name: 'a busy municipality, rare service',
    as: 'busy',
    mayTakeParts: true,
    query: () => ({ service: RARE.service }),
  },
  { name: 'a centre, rare cause', as: 'centre', mayTakeParts: true, query: () => ({ fault: RARE.fault }) },
  { name: 'a centre, failed, three tries', as: 'centre', query: () => ({ state: 'PARTIALLY_FAILED', attempts: '3' }) },
  { name: 'few, refused', as: 'small', query: () => ({ state: 'REJECTED' }) },
  { name: 'few, rare service: none', as: 'small', query: () => ({ service: RARE.service }) },
  { name: 'a centre, a receiver out of scope', as: 'centre', query: () => ({ receiver: 'c_1' }) },
];

export const FORMS: readonly Form[] = [...BOX, ...NEWEST, ...FILTERS, ...TOGETHER];
