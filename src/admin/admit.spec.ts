import { createCheckSecret } from '../policy/check-secret.js';
import type { Operator } from '../registry/model.js';
import { createAdmit } from './admit.js';

const TOKEN = 'a.platform-token-with-a-dot';
const operator: Operator = {
  id: 'cst',
  name: 'CST L’Aquila',
  role: 'service-centre',
  scope: 'cst_aq',
  tokens: ['old', 'new'].map((id) => ({ id, hash: `hash-of-secret-${id}` })),
};

function subject(token: string | null = TOKEN) {
  const checked: string[] = [];
  const known = new Map(operator.tokens.map(({ id, hash }) => [id, { operator, hash }]));
  const admit = createAdmit({
    token,
    registry: () => ({
      operatorToken: (id) => known.get(id),
      participants: () => [{ id: 'cst_aq', name: 'CST', kind: 'service-centre', parent: null }],
    }),
    checkSecret: createCheckSecret(async (secret, hash) => {
      checked.push(secret);
      return hash === `hash-of-${secret}`;
    }),
  });
  return { admit, checked, revoke: (id: string) => known.delete(id) };
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
});
