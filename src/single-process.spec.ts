import { holdSingleProcess } from './single-process.js';

/** A lease row as the ledger keeps it, in memory, with the time in the test's hands. */
function leaseRow() {
  let held = { owner: '', until: -Infinity };
  const row = {
    asked: 0,
    now: 0,
    owner: () => held.owner,
    holdLease: async (_name: string, owner: string, ms: number) => {
      row.asked++;
      if (held.owner !== owner && held.until > row.now) return false;
      held = { owner, until: row.now + ms };
      return true;
    },
  };
  return row;
}

const parts = (leases: ReturnType<typeof leaseRow>) => ({
  leases,
  owner: 'node',
  lost: () => undefined,
  problem: (error: unknown) => {
    throw error;
  },
});

describe('the lease of a single process', () => {
  it('11: is free again at once after a stop', async () => {
    const row = leaseRow();
    const first = holdSingleProcess(parts(row));
    const second = holdSingleProcess(parts(row));
    await first.start();
    await first.stop();
    const asked = row.asked;
    await second.start();
    expect(row.asked).toBe(asked + 1);
    await second.stop();
  });

  it('11: tells its holder when another process has it', async () => {
    const row = leaseRow();
    let lost: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (lost = resolve));
    await holdSingleProcess({ ...parts(row), lost: () => lost() }).start();
    row.now = 60_000;
    const other = holdSingleProcess(parts(row));
    await other.start();
    await told;
    await other.stop();
  }, 10_000);
});
