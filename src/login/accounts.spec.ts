import type { Operator } from '../registry/model.js';
import { createAccounts } from './accounts.js';
import type { Account, AccountStore } from './ports.js';
import type { LogIn } from './prove.js';

const ANNA: Operator = { id: 'anna', name: 'Anna Rossi', role: 'auditor', scope: null, tokens: [] };
const OWN = 'una frase lunga e propria';

function subject() {
  const rows = new Map<string, Account>();
  const checked: string[] = [];
  const change = (operator: string, to: Partial<Account>) => rows.set(operator, { ...rows.get(operator)!, ...to });
  const fresh = (operator: string, hash: string): Account => ({
    ...{ operator, hash, mustChange: true, totp: null, totpPending: null, recovery: [], devices: [] },
    ...{ changedAt: new Date(), loggedInAt: null },
  });
  const store: AccountStore = {
    find: async (operator) => rows.get(operator) ?? null,
    states: async () => [],
    first: async (operator, hash) => rows.size === 0 && !!rows.set(operator, fresh(operator, hash)),
    reset: async (operator, hash) => void rows.set(operator, fresh(operator, hash)),
    remove: async (operator) => rows.delete(operator),
    setPassword: async (operator, hash) => void change(operator, { hash, mustChange: false }),
    setPending: async (operator, totpPending) => void change(operator, { totpPending }),
    enrol: async () => undefined,
    dropSecondFactor: async () => undefined,
    useStep: async () => true,
    useRecovery: async () => false,
    loggedIn: async (operator, device) => void change(operator, { devices: [device] }),
  };
  const accounts = createAccounts({
    store,
    registry: () => ({ operator: (id) => (id === 'anna' ? ANNA : undefined) }),
    hashSecret: (secret) => `hash of ${secret}`,
    verifySecret: async (secret, hash) => {
      checked.push(hash);
      await new Promise((resolve) => setImmediate(resolve));
      return hash === `hash of ${secret}`;
    },
    now: Date.now,
  });
  const logIn = (more: Partial<LogIn>) =>
    accounts.logIn({ name: 'anna', password: OWN, code: null, address: '10.0.0.1', device: null, ...more });
  return { accounts, store, rows, checked, logIn };
}

describe('local accounts', () => {
  it('3: checks one hash of the same cost whether or not there is such an account', async () => {
    const { accounts, checked, logIn } = subject();
    await accounts.reset('anna');
    for (const name of ['anna', 'nobody'])
      await expect(logIn({ name })).rejects.toMatchObject({ code: 'log-in-refused' });
    expect(checked).toEqual([
      expect.stringMatching(/^hash of /),
      expect.stringMatching(/^scrypt\$16384\$8\$1\$.{22}\$.{43}$/),
    ]);
  });

  it('3: an operator that was taken out of the registry is not let in', async () => {
    const { store, logIn } = subject();
    await store.reset('gone', `hash of ${OWN}`);
    await expect(logIn({ name: 'gone' })).rejects.toMatchObject({ code: 'log-in-refused' });
  });

  it('3: gives no account to who is no operator', async () => {
    const { accounts, rows } = subject();
    expect(await accounts.reset('nobody')).toBeNull();
    expect(await accounts.reset('platform')).toMatch(/^\S{23}$/);
    expect([...rows.keys()]).toEqual(['platform']);
    expect(await accounts.first('platform')).toBeNull();
  });

  it('3: takes a browser’s word for no id that could be guessed', async () => {
    const { store, logIn } = subject();
    await store.reset('anna', `hash of ${OWN}`);
    const { device } = await logIn({ device: 'a' });
    expect(device).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await logIn({ device })).device).toBe(device);
  });

  it('3: takes no id that somebody else has put into the browser', async () => {
    const { store, logIn } = subject();
    await store.reset('anna', `hash of ${OWN}`);
    expect((await logIn({ device: 'A'.repeat(43) })).device).not.toBe('A'.repeat(43));
  });

  it('3: checks a bounded number of passwords at once', async () => {
    const { logIn } = subject();
    const all = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => logIn({ address: `10.0.0.${n}` })));
    const codes = all.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : ''));
    expect(codes.filter((code) => code === 'overloaded')).toHaveLength(12);
  });
});
