import type { Session } from '../../src/login/ports.js';
import type { AuditEntry } from '../../src/trace/audit.js';
import type { Store } from '../../src/store/open-store.js';
import { fresh } from '../support/ledger-records.js';

const HOUR = 3_600_000;

const session = (hash: string, operator: string, age = 0): Session => {
  const createdAt = new Date(Date.now() - age);
  const times = { createdAt, seenAt: createdAt, expiresAt: new Date(createdAt.getTime() + 12 * HOUR) };
  const who = { hash, operator, role: 'participant', scope: 'c_i804', method: 'oidc' } as const;
  return { ...who, mustChange: true, address: '2001:db8::1', idToken: null, ...times };
};

/** The promises of SessionStore, AccountStore and AuditLog. */
export function logInCases(nodes: () => readonly [Store, Store]): void {
  const [here, there] = [() => nodes()[0], () => nodes()[1]];

  describe('sessions', () => {
    it('3: are those of all nodes, as they were begun', async () => {
      const one = session(fresh('hash'), fresh('anna'));
      await here().sessions.add(one, 20);
      expect(await there().sessions.find(one.hash)).toEqual(one);
      const seenAt = new Date(one.seenAt.getTime() + 60_000);
      await there().sessions.seen(one.hash, seenAt);
      await here().sessions.seen(one.hash, one.seenAt);
      expect(await here().sessions.find(one.hash)).toEqual({ ...one, seenAt });
      await there().sessions.remove(one.hash);
      expect(await here().sessions.find(one.hash)).toBeNull();
    });

    it('2. lists those that are open, without what only their browsers hold', async () => {
      const [anna, now] = [fresh('anna'), new Date()];
      await here().sessions.add(session(fresh('hash'), anna), 20);
      await here().sessions.add(session(fresh('hash'), anna, 2 * HOUR), 20);
      await here().sessions.add(session(fresh('hash'), anna, 13 * HOUR), 20);
      const openOf = async (seenAfter: number) =>
        (await there().sessions.open(new Date(seenAfter), now)).filter(({ operator }) => operator === anna);
      expect((await openOf(now.getTime() - 3 * HOUR)).length).toBe(2);
      const [newest, ...others] = await openOf(now.getTime() - HOUR);
      expect([others, Object.keys(newest!).sort()]).toEqual([
        [],
        ['address', 'createdAt', 'method', 'operator', 'role', 'scope', 'seenAt'],
      ]);
    });

    it('3: of more than so many the oldest go, and all of an operator at once', async () => {
      const [anna, bruno] = [fresh('anna'), fresh('bruno')];
      const hashes = [3, 2, 1, 0].map((age) => [fresh('hash'), age] as const);
      await here().sessions.add(session('of-bruno', bruno), 3);
      for (const [hash, age] of hashes) await here().sessions.add(session(hash, anna, age * HOUR), 3);
      const found = () => Promise.all(hashes.map(async ([hash]) => (await there().sessions.find(hash)) !== null));
      expect(await found()).toEqual([false, true, true, true]);
      const gone = await there().sessions.removeAll(anna);
      expect([...gone].sort()).toEqual(
        hashes
          .slice(1)
          .map(([hash]) => hash)
          .sort(),
      );
      expect(await found()).toEqual([false, false, false, false]);
      expect(await here().sessions.find('of-bruno')).not.toBeNull();
    });
  });

  describe('local accounts', () => {
    it('3: has one first account, however many nodes start at once', async () => {
      const made = await Promise.all([here(), there()].map((node) => node.accounts.first('platform', 'scrypt$1')));
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await here().accounts.first('another', 'scrypt$2')).toBe(false);
      expect(await here().accounts.find('platform')).toMatchObject({ hash: 'scrypt$1', mustChange: true, totp: null });
      expect(await here().accounts.find('another')).toBeNull();
    });

    it('3: takes each code once, at whatever node', async () => {
      const anna = fresh('anna');
      await here().accounts.reset(anna, 'scrypt$1');
      await here().accounts.setPending(anna, 'SECRET');
      await here().accounts.enrol(anna, 100, ['r1', 'r2']);
      expect(await there().accounts.find(anna)).toMatchObject({
        totp: 'SECRET',
        totpPending: null,
        recovery: ['r1', 'r2'],
      });
      const both = [here(), there()];
      const step = (n: number) => Promise.all(both.map((node) => node.accounts.useStep(anna, n)));
      expect(await here().accounts.useStep(anna, 100)).toBe(false);
      expect((await step(101)).filter(Boolean)).toHaveLength(1);
      expect(await here().accounts.useStep(anna, 99)).toBe(false);
      const recovered = await Promise.all(both.map((node) => node.accounts.useRecovery(anna, 'r1')));
      expect(recovered.filter(Boolean)).toHaveLength(1);
      expect((await here().accounts.find(anna))?.recovery).toEqual(['r2']);
    });

    it('2. tells how accounts stand, without what they keep secret', async () => {
      const anna = fresh('anna');
      await here().accounts.reset(anna, 'scrypt$1');
      const state = async () => (await there().accounts.states()).find(({ operator }) => operator === anna);
      const made = { operator: anna, mustChange: true, secondFactor: false, recoveryCodes: 0, loggedInAt: null };
      expect(await state()).toEqual({ ...made, changedAt: expect.any(Date) });
      await here().accounts.setPending(anna, 'SECRET');
      await here().accounts.enrol(anna, 1, ['r1', 'r2']);
      expect(await state()).toEqual({ ...made, secondFactor: true, recoveryCodes: 2, changedAt: expect.any(Date) });
    });

    it('3: keeps a password, the browsers that came last, and nothing of what was when it is made anew', async () => {
      const anna = fresh('anna');
      const { accounts } = here();
      await accounts.reset(anna, 'scrypt$1');
      await accounts.setPassword(anna, 'scrypt$2');
      for (let n = 0; n < 12; n++) await accounts.loggedIn(anna, `d${n % 11}`);
      const known = (await accounts.find(anna))!;
      expect(known).toMatchObject({ hash: 'scrypt$2', mustChange: false, loggedInAt: expect.any(Date) });
      expect(known.devices).toEqual(['d0', 'd10', 'd9', 'd8', 'd7', 'd6', 'd5', 'd4', 'd3', 'd2']);
      await accounts.setPending(anna, 'SECRET');
      await accounts.enrol(anna, 1, ['r1']);
      await accounts.reset(anna, 'scrypt$3');
      const anew = { hash: 'scrypt$3', mustChange: true, totp: null, recovery: [], devices: [] };
      expect(await accounts.find(anna)).toMatchObject(anew);
      expect([await accounts.remove(anna), await accounts.remove(anna)]).toEqual([true, false]);
    });

    it('3: enrols nothing that was not begun', async () => {
      const anna = fresh('anna');
      await here().accounts.reset(anna, 'scrypt$1');
      await here().accounts.enrol(anna, 1, ['r1']);
      expect(await here().accounts.find(anna)).toMatchObject({ totp: null, recovery: [] });
    });
  });

  describe('audit', () => {
    it('3: is found by who, what and of what, newest first, by those whom it concerns', async () => {
      const [anna, job] = [fresh('anna'), fresh('job')];
      const entry = (more: Partial<AuditEntry>): AuditEntry => ({
        event: 'job.made',
        operator: anna,
        address: '::1',
        subject: job,
        participants: ['c_i804', 'c_h007'],
        detail: { reason: 'because' },
        ...more,
      });
      await here().audit.write(entry({}));
      await here().audit.write(entry({ event: 'session.refused', subject: null, participants: null, detail: {} }));
      await there().audit.write(entry({ operator: 'bruno' }));
      const find = async (filter: Parameters<Store['audit']['list']>[0]) =>
        (await here().audit.list(filter, { limit: 10 })).map(({ event, operator }) => [event, operator]);
      expect(await find({ subject: job })).toEqual([
        ['job.made', 'bruno'],
        ['job.made', anna],
      ]);
      expect(await find({ operator: anna, event: 'session.refused' })).toEqual([['session.refused', anna]]);
      expect(await find({ operator: anna, concerning: ['c_h007', 'c_x'] })).toEqual([['job.made', anna]]);
      expect(await find({ operator: anna, concerning: ['c_x'] })).toEqual([]);
      const [first] = await here().audit.list({ subject: job }, { limit: 1 });
      expect(first).toMatchObject({ ...entry({ operator: 'bruno' }), at: expect.any(Date), seq: expect.any(Number) });
      const [second, ...rest] = await here().audit.list({ subject: job }, { limit: 5, before: first!.seq });
      expect([second?.operator, rest]).toEqual([anna, []]);
    });

    it('3: goes with the records, and sessions when they are over', async () => {
      const [anna, old] = [fresh('anna'), session(fresh('hash'), fresh('anna'), 13 * HOUR)];
      const live = session(fresh('hash'), anna);
      for (const one of [old, live]) await here().sessions.add(one, 20);
      await here().audit.write({
        event: 'session.begun',
        operator: anna,
        address: null,
        subject: null,
        participants: null,
        detail: {},
      });
      await here().retention.dropEnded(new Date(Date.now() - HOUR));
      expect(await here().sessions.find(old.hash)).toBeNull();
      expect(await here().sessions.find(live.hash)).not.toBeNull();
      expect(await here().audit.list({ operator: anna }, { limit: 10 })).toHaveLength(1);
      await here().retention.dropEnded(new Date(Date.now() + HOUR));
      expect(await here().audit.list({ operator: anna }, { limit: 10 })).toEqual([]);
    });
  });
}
