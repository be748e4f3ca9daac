import type { Session } from '../login/ports.js';
import { csrfTokenOf } from '../login/session.js';
import { createCheckSecret } from '../policy/check-secret.js';
import type { Operator } from '../registry/model.js';
import { createAdmit } from './admit.js';
import type { Action } from './permissions.js';
import type { Presented } from './presented.js';

const TOKEN = 'a.platform-token-with-a-dot';
const operator: Operator = {
  id: 'cst',
  name: 'CST L’Aquila',
  role: 'service-centre',
  scope: 'cst_aq',
  tokens: ['old', 'new'].map((id) => ({ id, hash: `hash-of-secret-${id}` })),
};

const SESSION: Session = {
  hash: 'hash',
  operator: 'cst',
  method: 'password',
  role: 'service-centre',
  scope: 'cst_aq',
  mustChange: false,
  address: '127.0.0.1',
  idToken: null,
  createdAt: new Date(),
  seenAt: new Date(),
  expiresAt: new Date(),
};

const presented = (more: Partial<Presented>): Presented => ({
  authorization: undefined,
  session: undefined,
  csrfToken: undefined,
  isSafe: true,
  isCrossSite: false,
  ...more,
});

function subject(token: string | null = TOKEN, session: Partial<Session> = {}) {
  const checked: string[] = [];
  const ended: string[] = [];
  const known = new Map(operator.tokens.map(({ id, hash }) => [id, { operator, hash }]));
  const admitPresented = createAdmit({
    token,
    registry: () => ({
      operator: (id) => (id === operator.id ? operator : undefined),
      operatorToken: (id) => known.get(id),
      participants: () => [{ id: 'cst_aq', name: 'CST', kind: 'service-centre', parent: null }],
    }),
    checkSecret: createCheckSecret(async (secret, hash) => {
      checked.push(secret);
      return hash === `hash-of-${secret}`;
    }),
    sessions: {
      find: async (id) => (id === 'id' ? { ...SESSION, ...session } : null),
      end: async ({ hash }) => void ended.push(hash),
    },
  });
  const admit = (authorization: string | undefined, action: Action | null) =>
    admitPresented(presented({ authorization }), action);
  return { admit, admitPresented, checked, ended, revoke: (id: string) => known.delete(id) };
}

describe('admit', () => {
  it('6: the token of the environment is the operator platform', async () => {
    await expect(subject().admit(`Bearer ${TOKEN}`, 'registry.reload')).resolves.toEqual({
      id: 'platform',
      name: 'Platform',
      role: 'platform',
      participants: null,
    });
  });

  it.each(['old.secret-old', 'new.secret-new'])('6: either token of an operator lets it in: %s', async (token) => {
    await expect(subject().admit(`bearer ${token}`, 'messages.read')).resolves.toMatchObject({
      id: 'cst',
      participants: new Set(['cst_aq']),
    });
  });

  it('6: pays the slow hash once, and lets nobody in whose token was taken away', async () => {
    const { admit, checked, revoke } = subject();
    for (let time = 0; time < 3; time++) await admit('Bearer old.secret-old', 'messages.read');
    expect(checked).toEqual(['secret-old']);
    revoke('old');
    await expect(admit('Bearer old.secret-old', 'messages.read')).rejects.toMatchObject({ code: 'operator-unknown' });
  });

  it('6: checks a hash for an unknown token too, so that the time tells nothing', async () => {
    const { admit, checked } = subject();
    await expect(admit('Bearer nobody.secret', 'messages.read')).rejects.toMatchObject({ code: 'operator-unknown' });
    expect(checked).toEqual(['secret']);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer old',
    'Bearer old.',
    'Bearer .x',
    'Bearer old.secret-new',
    'Basic old.secret-old',
  ])('6: %j is no operator', async (header) => {
    await expect(subject().admit(header, 'messages.read')).rejects.toMatchObject({ code: 'operator-unknown' });
  });

  it('6: a token that is not known is told from none, and a wrong id not from a wrong secret', async () => {
    const detailOf = (header?: string) =>
      subject()
        .admit(header, 'messages.read')
        .catch(({ info }: { info: { detail: string } }) => info.detail);
    const wrong = expect.stringContaining('is not known') as unknown;
    const answers = await Promise.all(['Bearer old.wrong', 'Bearer nobody.x', 'Bearer wrong'].map(detailOf));
    expect([answers[0], new Set(answers).size]).toEqual([wrong, 1]);
    expect([await detailOf(), await detailOf('Basic b2xk')]).not.toContainEqual(wrong);
  });

  it('6: without a token in the environment there is no operator platform', async () => {
    await expect(subject(null).admit('Bearer null', 'messages.read')).rejects.toMatchObject({
      code: 'operator-unknown',
    });
  });

  it('6: a role that may not is refused', async () => {
    await expect(subject().admit('Bearer old.secret-old', 'registry.reload')).rejects.toMatchObject({
      code: 'operator-not-allowed',
    });
  });

  it('3: a session lets its operator in, with what its role may do', async () => {
    const { admitPresented } = subject();
    const admitted = await admitPresented(presented({ session: 'id' }), 'messages.read');
    expect(admitted).toMatchObject({ id: 'cst', participants: new Set(['cst_aq']), session: SESSION });
    await expect(admitPresented(presented({ session: 'id' }), 'registry.reload')).rejects.toMatchObject({
      code: 'operator-not-allowed',
    });
    await expect(admitPresented(presented({ session: 'no' }), null)).rejects.toMatchObject({
      code: 'operator-unknown',
    });
  });

  it.each([
    ['without a token', { csrfToken: undefined }],
    ['with the token of another session', { csrfToken: csrfTokenOf('other') }],
    ['from another site', { csrfToken: csrfTokenOf('id'), isCrossSite: true }],
  ])('3: a session changes nothing %s', async (_, more) => {
    const change = presented({ session: 'id', isSafe: false, ...more });
    await expect(subject().admitPresented(change, 'messages.resend')).rejects.toMatchObject({
      code: 'csrf-token-wrong',
    });
  });

  it('3: a session changes with its token, and a bearer token needs none', async () => {
    const { admitPresented } = subject();
    const own = presented({ session: 'id', isSafe: false, csrfToken: csrfTokenOf('id') });
    await expect(admitPresented(own, 'messages.resend')).resolves.toMatchObject({ id: 'cst' });
    const bearer = presented({ authorization: 'Bearer old.secret-old', isSafe: false, isCrossSite: true });
    await expect(admitPresented(bearer, 'messages.resend')).resolves.toMatchObject({ id: 'cst' });
  });

  it.each([{ role: 'platform' }, { scope: 'cst_te' }, { operator: 'gone' }] as const)(
    '3: a session ends where the registry says something else of its operator: %j',
    async (was) => {
      const { admitPresented, ended } = subject(TOKEN, was);
      await expect(admitPresented(presented({ session: 'id' }), null)).rejects.toMatchObject({
        code: 'operator-unknown',
      });
      expect(ended).toEqual(['hash']);
    },
  );

  it('3: with a first password nothing is allowed but to change it', async () => {
    const { admitPresented } = subject(TOKEN, { mustChange: true });
    const asked = presented({ session: 'id' });
    await expect(admitPresented(asked, 'messages.read')).rejects.toMatchObject({ code: 'password-change-due' });
    await expect(admitPresented(asked, null)).resolves.toMatchObject({ id: 'cst' });
  });
});
