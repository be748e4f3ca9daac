import type { Session, SessionStore } from './ports.js';
import { ABSOLUTE_MS, createSessions, csrfTokenOf, IDLE_MS, isCsrfToken } from './session.js';

const OPERATOR = { id: 'anna', role: 'auditor', scope: null } as const;
const BEGINNING = { operator: OPERATOR, method: 'password', mustChange: false, address: '::1', idToken: null } as const;
const MINUTE = 60_000;

/** What the database would hold, and how often it was asked. */
function subject() {
  const rows = new Map<string, Session>();
  const asked: string[] = [];
  let now = Date.now();
  const store: SessionStore = {
    add: async (session) => void rows.set(session.hash, session),
    find: async (hash) => {
      asked.push(hash);
      return rows.get(hash) ?? null;
    },
    open: async (seenAfter, at) => [...rows.values()].filter((one) => one.seenAt > seenAfter && one.expiresAt > at),
    seen: async (hash, seenAt) => void rows.set(hash, { ...rows.get(hash)!, seenAt }),
    remove: async (hash) => void rows.delete(hash),
    removeAll: async (operator) =>
      [...rows.values()].filter((one) => one.operator === operator && rows.delete(one.hash)).map(({ hash }) => hash),
  };
  const sessions = createSessions(store, () => now);
  return { sessions, rows, asked, later: (ms: number) => (now += ms) };
}

describe('sessions', () => {
  it('3: keeps only the digest of an id of 256 bits', async () => {
    const { sessions, rows } = subject();
    const [one, two] = [await sessions.begin(BEGINNING), await sessions.begin(BEGINNING)];
    expect(Buffer.from(one.id, 'base64url')).toHaveLength(32);
    expect(one.id).not.toBe(two.id);
    expect(JSON.stringify([...rows])).not.toContain(one.id);
    expect(await sessions.find(one.id)).toMatchObject({ operator: 'anna', role: 'auditor' });
  });

  it('3: ends when nothing came for half an hour, and lives on while it is used, for twelve hours at most', async () => {
    const { sessions, later } = subject();
    const idle = await sessions.begin(BEGINNING);
    later(IDLE_MS);
    expect(await sessions.find(idle.id)).toBeNull();
    const used = await sessions.begin(BEGINNING);
    for (let spent = 0; spent < ABSOLUTE_MS - MINUTE; spent += IDLE_MS - MINUTE) {
      expect(await sessions.find(used.id)).not.toBeNull();
      later(IDLE_MS - MINUTE);
    }
    expect(await sessions.find(used.id)).toBeNull();
  });

  it('2. tells which are open, and none that is idle for too long or over', async () => {
    const { sessions, later } = subject();
    await sessions.begin(BEGINNING);
    expect((await sessions.open()).map(({ operator }) => operator)).toEqual(['anna']);
    later(IDLE_MS);
    expect(await sessions.open()).toEqual([]);
  });

  it('3: is over at once where it is ended, and everywhere where all are', async () => {
    const { sessions } = subject();
    const all = await Promise.all([1, 2, 3].map(() => sessions.begin(BEGINNING)));
    const found = () => Promise.all(all.map(async ({ id }) => (await sessions.find(id)) !== null));
    expect(await found()).toEqual([true, true, true]);
    await sessions.end(all[0]!.session);
    expect(await found()).toEqual([false, true, true]);
    expect(await sessions.endAll('anna')).toBe(2);
    expect(await found()).toEqual([false, false, false]);
  });

  it('3: asks the database for what no id can be not at all, and for the others once in a while', async () => {
    const { sessions, asked } = subject();
    for (const id of ['', 'x', 'a'.repeat(42), `${'a'.repeat(42)}!`]) expect(await sessions.find(id)).toBeNull();
    expect(asked).toEqual([]);
    const { id } = await sessions.begin(BEGINNING);
    for (let time = 0; time < 100; time++) await sessions.find(id);
    expect(asked).toHaveLength(1);
  });

  it('3: has a CSRF token of its own for each id', () => {
    expect(isCsrfToken('one', csrfTokenOf('one'))).toBe(true);
    for (const wrong of [csrfTokenOf('two'), csrfTokenOf('one').slice(1), '', undefined, 'one'])
      expect(isCsrfToken('one', wrong)).toBe(false);
  });
});
