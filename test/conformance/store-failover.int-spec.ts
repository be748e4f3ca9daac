import { setTimeout as pause } from 'node:timers/promises';
import type { AcceptanceRecord } from '../../src/acceptance/ports.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { acceptanceRecord } from '../support/ledger-records.js';
import { startPostgresPair, type PostgresPair } from '../support/postgres-pair.js';
import { until } from '../support/until.js';

const MINUTE = 60_000;
/** Half of the time limit of a query. */
const TAKEN_OVER_MS = 10_000;
const HUNG = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'crocevia failover'`;

describe('8: a primary and its synchronous standby', () => {
  let pair: PostgresPair;
  let store: Store;
  beforeAll(async () => {
    pair = await startPostgresPair();
    store = await openStore({ databaseUrl: pair.url, dataDir: '', owner: 'failover' });
  }, MINUTE);
  afterAll(async () => {
    await store.close();
    await pair.stop();
  }, MINUTE);

  const events = async ({ message }: AcceptanceRecord) =>
    (await store.trace.timeline(message.id)).map(({ event }) => event);

  it('8: connects to the host that is not in recovery, wherever it stands in the list', async () => {
    const standbyFirst = pair.url.replace(/@([^,]+),([^/]+)/, '@$2,$1');
    const other = await openStore({ databaseUrl: standbyFirst, dataDir: '', owner: 'other' });
    expect(await other.messages.accept(acceptanceRecord())).toEqual({ kind: 'accepted' });
    await other.close();
    const alone = openStore({ databaseUrl: pair.standbyUrl(), dataDir: '', owner: 'alone' });
    await expect(alone).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it(
    '8: throws a connection away that cannot write any more, and refuses meanwhile',
    async () => {
      const readOnly = async (value: string) => {
        await pair.atPrimary(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
        await pair.atPrimary(`SELECT pg_reload_conf()`);
      };
      const mine = `SELECT pid FROM pg_stat_activity WHERE application_name = 'crocevia failover'`;
      const before = (await pair.atPrimary(mine)).map(({ pid }) => pid);
      await readOnly('on');
      const refused = store.registry.write(0, async () => Promise.reject(new Error('never asked')), {
        by: 'x',
        reason: '',
      });
      await expect(refused).rejects.toMatchObject({ code: 'store-unavailable' });
      const record = acceptanceRecord();
      await expect(store.messages.accept(record)).rejects.toMatchObject({ code: 'store-unavailable' });
      await readOnly('off');
      expect(await store.messages.accept(record)).toEqual({ kind: 'accepted' });
      const after = (await pair.atPrimary(mine)).map(({ pid }) => pid);
      expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    },
    MINUTE,
  );

  it(
    '8: a commit whose answer was lost is retried as the same message, and told of only when the standby has it',
    async () => {
      await pair.holdReplication();
      const record = acceptanceRecord();
      let outcome: unknown = null;
      const told = store.messages.accept(record).then((result) => (outcome = result));
      await until(async () => (await pair.atPrimary(HUNG)).length > 0);
      const [{ pid } = { pid: 0 }] = await pair.atPrimary(HUNG);
      // "The transaction has already committed locally, but might not have been replicated to the standby."
      await pair.atPrimary(`SELECT pg_terminate_backend(${Number(pid)})`);
      await until(async () => (await pair.atPrimary(HUNG)).some((row) => row['pid'] !== pid));
      await pause(300);
      expect(outcome).toBeNull();
      pair.releaseReplication();
      expect(await told).toEqual({ kind: 'accepted' });
      expect(await events(record)).toEqual(['message.accepted']);
      const again = await store.messages.accept(acceptanceRecord({ message: { ...record.message, id: fresh() } }));
      expect(again).toMatchObject({ kind: 'duplicate', original: { id: record.message.id } });
    },
    MINUTE,
  );

  it(
    '8: loses nothing that it accepted when the primary is killed and the standby takes over under load',
    async () => {
      const accepted: AcceptanceRecord[] = [];
      let isOn = true;
      let longest = 0;
      const sender = async () => {
        for (let last = performance.now(); isOn;) {
          const record = acceptanceRecord();
          // As a sender does: the same message again until it is told.
          while (
            isOn &&
            !(await store.messages.accept(record).then(
              () => true,
              () => false,
            ))
          )
            await pause(50);
          if (!isOn) return;
          accepted.push(record);
          longest = Math.max(longest, performance.now() - last);
          last = performance.now();
        }
      };
      const senders = Array.from({ length: 16 }, sender);
      await until(() => accepted.length > 300);
      await pair.killPrimary();
      await pair.promote();
      const before = accepted.length;
      await until(() => accepted.length > before + 300);
      isOn = false;
      await Promise.all(senders);
      console.log(`longest wait of a sender over the failover: ${Math.round(longest)} ms`);
      for (const record of accepted) {
        expect((await store.trace.status(record.message.id))?.deliveries).toHaveLength(1);
        expect((await events(record)).filter((event) => event === 'message.accepted')).toHaveLength(1);
      }
    },
    2 * MINUTE,
  );

  it(
    '8: never goes back to a former primary that has come up again',
    async () => {
      await pair.startFormer();
      await pair.killPrimary();
      const lonely = acceptanceRecord();
      await expect(store.messages.accept(lonely)).rejects.toMatchObject({ code: 'store-unavailable' });
      await pair.restartPrimary();
      expect(await store.messages.accept(lonely)).toEqual({ kind: 'accepted' });
      expect(await pair.atPrimary(`SELECT id FROM message WHERE id = '${lonely.message.id}'`)).toHaveLength(1);
    },
    MINUTE,
  );

  it(
    '8: leaves a primary that answers nothing once another has taken over, without waiting for its queries',
    async () => {
      await pair.rejoin();
      await store.messages.accept(acceptanceRecord());
      pair.signalPrimary('SIGSTOP');
      const begun = performance.now();
      const waiting = acceptanceRecord();
      const told = store.messages.accept(waiting);
      await pair.promote();
      expect(await told).toEqual({ kind: 'accepted' });
      expect(performance.now() - begun).toBeLessThan(TAKEN_OVER_MS);
      const found = await pair.atPrimary(`SELECT id FROM message WHERE id = '${waiting.message.id}'`);
      expect(found).toHaveLength(1);
    },
    MINUTE,
  );
});

const fresh = () => acceptanceRecord().message.id;
