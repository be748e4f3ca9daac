import type { Party } from '../message/message.js';
import type { PushDestination, System } from '../registry/model.js';
import type { Probe, ProbedStage } from './probe.js';

/** What an address is for. */
export const PURPOSES = ['messages', 'receipts', 'answers', 'questions'] as const;
/** `untested`: there is nothing to call, and it has fetched nothing yet. */
export const VERDICTS = ['ok', 'doubtful', 'failed', 'untested'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface ProbedAddress {
  readonly purpose: (typeof PURPOSES)[number];
  /** Without its query, which may be a credential. */
  readonly target: string;
  readonly stages: readonly ProbedStage[];
}

/** How a system that cannot be called stands. */
export interface PickUp {
  /** What lies in its box or its own queue; 10,000 at most are counted. */
  readonly waiting: number;
  /** When it last fetched or acknowledged something of its newest deliveries; null: never. */
  readonly lastTakenAt: Date | null;
}

/** Throws Fault store-unavailable. */
export interface PickUps {
  of(party: Party): Promise<PickUp>;
}

export interface Connectivity {
  readonly verdict: Verdict;
  readonly addresses: readonly ProbedAddress[];
  /** Null: it is called, or it does not receive. */
  readonly pickUp: (PickUp & { readonly channel: 'box' | 'amqp-queue' }) | null;
}

/** Looks whether a system can be reached, without sending it a message. Throws store-unavailable. */
export type TestConnectivity = (system: System) => Promise<Connectivity>;

const MOST_ADDRESSES = 10;

/** Of one system at a time: who asks meanwhile gets the same answer. */
export function createTestConnectivity(probe: Probe, pickUps: PickUps): TestConnectivity {
  const running = new Map<string, Promise<Connectivity>>();
  return (system) => {
    const known = running.get(system.id);
    if (known) return known;
    const test = testOf(system, probe, pickUps).finally(() => running.delete(system.id));
    running.set(system.id, test);
    return test;
  };
}

async function testOf(system: System, probe: Probe, pickUps: PickUps): Promise<Connectivity> {
  const { id, participant, receives } = system;
  const channel = receives?.channel;
  const addresses = await Promise.all(
    addressesOf(system).map(async ([purpose, { url, headers }]): Promise<ProbedAddress> => {
      const { origin, pathname } = new URL(url);
      return { purpose, target: `${origin}${pathname}`, stages: await probe({ url, headers, participant }) };
    }),
  );
  const isFetched = channel === 'box' || channel === 'amqp-queue';
  const pickUp = isFetched ? { channel, ...(await pickUps.of({ participant, system: id })) } : null;
  return { verdict: verdictOn(addresses, pickUp), addresses, pickUp };
}

function addressesOf({ receives, receiptsTo, callbacks, provides }: System) {
  const endpoints = provides.flatMap(({ endpoint }) => (endpoint?.url ? [{ ...endpoint, url: endpoint.url }] : []));
  const all: readonly (readonly [ProbedAddress['purpose'], PushDestination])[] = [
    ...(receives && 'url' in receives ? [['messages', receives] as const] : []),
    ...(receiptsTo ? [['receipts', receiptsTo] as const] : []),
    ...endpoints.map((one) => ['questions', one] as const),
    ...callbacks.map((one) => ['answers', one] as const),
  ];
  return all
    .filter(([, { url }], at) => all.findIndex(([, other]) => other.url === url) === at)
    .slice(0, MOST_ADDRESSES);
}

function verdictOn(addresses: readonly ProbedAddress[], pickUp: PickUp | null): Verdict {
  const outcomes = addresses.flatMap(({ stages }) => stages.map(({ outcome }) => outcome));
  if (outcomes.includes('failed')) return 'failed';
  if (outcomes.includes('doubtful')) return 'doubtful';
  return addresses.length > 0 || pickUp?.lastTakenAt ? 'ok' : 'untested';
}
