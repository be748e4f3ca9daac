/**
 * What the path of messages costs in a ledger of two years: a table a day, as records are kept for 730 days unless an agreement says otherwise. Each
 * step is timed over the tables of a few days, and again beside those of DAYS (730), in the same run; the ratio is what the years cost.
 * Fails where a step of the path takes twice as long.
 */
import { openStore, type Store } from '../src/store/open-store.js';
import { Fault } from '../src/message/fault.js';
import { acceptanceRecord, refOf } from '../test/support/ledger-records.js';
import { startPostgres } from '../test/support/postgres.js';
import { median } from './measure.js';

const DAYS = Number(process.env['DAYS'] ?? 730);
const ROUNDS = Number(process.env['ROUNDS'] ?? 40);
const BATCH = 50;
const MOST = 2;
const DAY_MS = 86_400_000;

const ORDER = { limit: 500, window: 64, reserveMs: 12_000, systems: new Map() };
const UNFINISHED = new Fault('query-unfinished', { detail: 'bench' }).toRecord();
const attempt = {
  number: 1,
  ...{ startedAt: new Date(), duration: 2, target: 'http://127.0.0.1/', status: 200, response: null, fault: null },
};

type Times = Readonly<Record<string, number[]>>;

/** Milliseconds of each step, a batch of messages at a time for those of the path. */
async function timed(store: Store): Promise<Times> {
  const times: Record<string, number[]> = {};
  const time = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    (times[step] ??= []).push(performance.now() - began);
    return result;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const records = Array.from({ length: BATCH }, () => acceptanceRecord({ content: Buffer.alloc(2_048, 'a') }));
    await time('path: accept', () => Promise.all(records.map((record) => store.messages.accept(record))));
    const claims = await time('path: claim', () =>
      Promise.all(records.map((record) => store.ledger.claim(refOf(record), { owner: 'bench', ms: 60_000 }))),
    );
    await time('path: settle', () =>
      Promise.all(claims.map((claim) => store.ledger.settle(claim!, { state: 'DELIVERED', attempt }))),
    );
    const [{ message }] = records as [(typeof records)[0]];
    await time('content', () => store.ledger.content(message.id));
    await time('status', () => store.trace.status(message.id));
    await time('sweep: take', () => store.outbox.takeUnpublished(ORDER));
    await time('sweep: advance', () => store.outbox.advance({ limit: 500, gapWaitMs: 900_000 }));
    await time('sweep: requeue', () => store.sweeper.requeueDue(500));
    await time('sweep: recover', () => store.sweeper.recoverLeases(500));
    await time('sweep: expire', () => store.sweeper.expired(500));
    await time('sweep: questions', () => store.sweeper.endUnfinished(UNFINISHED, 500));
    await time('box: fetch', () => store.box.fetch('nobody.system', 10, 60_000));
    await time('unasked: levels', () => store.levels.read());
    await time('unasked: alerts', () => store.alerts.facts(15));
    await time('unasked: sample', () => store.counting.sampleQueues());
    await time('unasked: count', async () => store.counting.rollUp((await store.counting.horizon()).seq));
    await time('journal', async () => store.trace.eventsAfter((await store.trace.lastSeq()) - 10, 500));
  }
  return times;
}

function tell(few: Times, many: Times): void {
  let isSlow = false;
  for (const step of Object.keys(few)) {
    const [before, after] = [median(few[step]!), median(many[step]!)];
    const isOver = step.startsWith('path') && after > MOST * before;
    isSlow ||= isOver;
    console.log(
      `years, ${step}: ${before.toFixed(1)} ms, beside ${DAYS} days ${after.toFixed(1)} ms, ratio ${(after / before).toFixed(2)}${isOver ? ` (at most ${MOST}) MISSED` : ''}`,
    );
  }
  if (isSlow) process.exitCode = 1;
}

const server = await startPostgres();
const open = () => openStore({ databaseUrl: server.url, dataDir: '', owner: 'bench', poolSize: 10 });
try {
  const young = await open();
  const few = await timed(young);
  await young.sweeper.preparePartitions(DAYS - 1, new Date(Date.now() - DAYS * DAY_MS));
  await young.close();
  const old = await open();
  tell(few, await timed(old));
  await old.close();
} finally {
  await server.stop();
}
