import { v7 as uuid } from 'uuid';
import { searchFor, type DeliveryFilter } from '../../src/delivery/jobs/filter.js';
import type { ItemOutcome, NewJob } from '../../src/delivery/jobs/ports.js';
import { createJobRunner } from '../../src/delivery/jobs/runner.js';
import { createCarryOut } from '../../src/delivery/orders.js';
import { Fault } from '../../src/message/fault.js';
import type { FaultCode } from '../../src/message/fault-catalogue.js';
import type { Registry } from '../../src/registry/registry.js';
import type { Store } from '../../src/store/open-store.js';
import { createRoundBook } from '../../src/trace/rounds.js';
import { acceptanceRecord, refOf, until } from '../support/ledger-records.js';

export const LEASE = { owner: 'dispatcher-1', ms: 60_000 };
export const LATER = () => new Date(Date.now() + 3_600_000);
export const faultOf = (code: FaultCode) => new Fault(code, { detail: 'As the test wants it.' }).toRecord();

/** What an operator orders, but for the filter. */
export const JOB_ORDER = {
  action: 'retry',
  reason: 'it is back',
  operator: 'anna',
  scope: null,
  rate: 50,
  again: false,
  system: null,
} as const;

type End = 'FAILED' | 'DELIVERED' | 'AVAILABLE' | 'QUEUED' | 'EXPIRED';

/** Deliveries that ended somehow, and jobs over them. */
export function jobRecords(nodes: () => readonly [Store, Store]) {
  const store = () => nodes()[0];

  /** One message for a system, brought to where it is wanted. */
  const one = async (system: string, end: End, more: { service?: string; fault?: FaultCode } = {}) => {
    const { service = 'variazione-anagrafica', fault = 'receiver-refused' } = more;
    const record = acceptanceRecord({ receivers: [system], message: { service } });
    await store().messages.accept(record);
    const ref = refOf(record);
    if (end === 'QUEUED') return record;
    const claim = (await store().ledger.claim(ref, LEASE))!;
    const isLost = end === 'FAILED' || end === 'EXPIRED';
    await store().ledger.settle(claim, { state: end, ...(isLost && { fault: faultOf(fault) }) });
    return record;
  };
  const some = (count: number, system: string, end: End, more: Parameters<typeof one>[2] = {}) =>
    Promise.all(Array.from({ length: count }, () => one(system, end, more)));
  const newJob = (filter: DeliveryFilter, more: Partial<NewJob> = {}): NewJob => ({
    id: uuid(),
    ...JOB_ORDER,
    filter: searchFor(more.action ?? 'retry', more.again ?? false, filter, LATER()),
    ...more,
  });
  const made = async (job: NewJob) => {
    await store().jobs.open(job);
    await store().jobs.collect(job, { after: null, first: 1, limit: 1_000 });
    return (await store().jobs.begin(job.id, 'RUNNING'))!;
  };
  /** Runs a job to its end on the other node, where `riserva` is a system of the participant. */
  const resultsBy = async (id: string, participant: string) => {
    const riserva = { id: 'riserva', participant, receives: { channel: 'box' }, callbacks: [] };
    const registry = () =>
      ({
        agreement: () => undefined,
        system: (name: string) => (name === 'riserva' ? riserva : undefined),
      }) as unknown as Registry;
    const problems: unknown[] = [];
    const [, node] = nodes();
    const runner = createJobRunner({
      queue: node.jobQueue,
      leases: node.sweeper,
      carryOut: createCarryOut({ control: node.control, settle: (_, end) => end, registry }),
      registry,
      owner: 'conformance',
      requeued: () => undefined,
      book: createRoundBook(),
      problem: (error) => void problems.push(error),
    });
    runner.start();
    await until(async () => (await store().jobs.find(id, null))?.state === 'DONE');
    await runner.stop();
    expect(problems).toEqual([]);
    return (await store().jobs.items(id, { limit: 9, after: 0 })).map(({ result }) => result);
  };
  const idsOf = (all: readonly { readonly messageId: string }[]) => all.map(({ messageId }) => messageId);
  const done = (n: number): ItemOutcome => ({ n, result: 'done', found: 'FAILED', fault: null });
  return { one, some, newJob, made, resultsBy, idsOf, done };
}
