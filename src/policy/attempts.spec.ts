import { Fault } from '../message/fault.js';
import { createAttempts, networkOf, triedBy, type Tried } from './attempts.js';
import type { Presented } from './identify.js';

const presented: Presented = { authorization: [], apiKey: [], thumbprint: null, certificate: null, amqpUser: null };
const key = (text: string) => triedBy({ ...presented, apiKey: [text] });
const wrong = async () => {
  throw new Fault('credentials-wrong', { detail: 'no' });
};
const right = async () => 'in';

describe('attempts of an address', () => {
  const reached: string[] = [];
  let refused = 0;
  const attempts = createAttempts({
    isKnown: (_kind, name) => ['good', 'other'].includes(name),
    refused: () => refused++,
    reached: (address) => void reached.push(address),
  });
  const codes = (count: number, address: string, tried: (n: number) => Tried) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        attempts.guard(address, tried(n), wrong).catch((error: Fault) => error.code),
      ),
    );

  it('7: guessing is refused before it is checked, and lets good callers of the same address in', async () => {
    expect(await attempts.guard('10.0.0.1', key('good.proven'), right)).toBe('in');
    const guesses = await codes(200, '10.0.0.1', (n) => key(`nobody${n}.x`));
    expect(guesses.filter((code) => code === 'credentials-wrong')).toHaveLength(60);
    expect(guesses.filter((code) => code === 'too-many-attempts')).toHaveLength(140);
    expect([refused, reached]).toEqual([140, ['10.0.0.1']]);
    // Proven before, and one that has a registered name: their neighbour costs them nothing.
    expect(await attempts.guard('10.0.0.1', key('good.proven'), right)).toBe('in');
    expect(await attempts.guard('10.0.0.1', key('other.first-time'), right)).toBe('in');
    expect(await attempts.guard('10.0.0.2', key('somebody.x'), right)).toBe('in');
  });

  it('7: a registered name has a few attempts of its own, and is not locked out by them once it was proven', async () => {
    await codes(60, '10.0.1.1', () => key('nobody.x'));
    const guesses = await codes(20, '10.0.1.1', (n) => key(`other.${n}`));
    expect(guesses.filter((code) => code === 'credentials-wrong')).toHaveLength(6);
    expect(await attempts.guard('10.0.1.1', key('other.first-time'), right)).toBe('in');
  });

  it('7: many that come at the same time with one credential are one attempt', async () => {
    const slow = () => new Promise<string>((resolve) => setImmediate(resolve, 'in'));
    const together = Array.from({ length: 300 }, () => attempts.guard('10.0.3.1', key('nobody-knows.it'), slow));
    expect(new Set(await Promise.all(together))).toEqual(new Set(['in']));
  });

  it('7: what succeeds costs nothing', async () => {
    for (let n = 0; n < 100; n++) await attempts.guard('10.0.2.1', key(`good.${n}`), right);
    expect(attempts.headers('10.0.2.1')).toMatchObject({ 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '60' });
  });

  it.each([
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:40123', '192.0.2.7'],
    ['[2001:db8:1:2:3:4:5:6]:40123', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('7: %s counts as %s', (address, network) => expect(networkOf(address)).toBe(network));
});
