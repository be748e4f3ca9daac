import { createLogInThrottle } from './throttle.js';

const MINUTE = 60_000;

function subject() {
  let now = 1_000_000;
  const throttle = createLogInThrottle(() => now);
  const fails = (name: string, address: string, device: string | null = null): boolean => {
    try {
      throttle.enter({ name, address, device });
      return true;
    } catch {
      return false;
    }
  };
  /** How many of so many tries were looked at. */
  const lookedAt = (tries: number, next: (n: number) => readonly [string, string, (string | null)?]) =>
    Array.from({ length: tries }, (_, n) => fails(...next(n))).filter(Boolean).length;
  return { throttle, lookedAt, later: (ms: number) => (now += ms) };
}

describe('throttle of log-ins', () => {
  it('3: looks at 5 tries with one name from one address, and again after a quarter of an hour', () => {
    const { lookedAt, later } = subject();
    expect(lookedAt(50, () => ['anna', '10.0.0.1'])).toBe(5);
    expect(lookedAt(5, () => ['anna', '10.0.0.2'])).toBe(5);
    later(15 * MINUTE);
    expect(lookedAt(50, () => ['anna', '10.0.0.1'])).toBe(5);
  });

  it('3: looks at 20 tries from one address, whatever the names', () => {
    expect(subject().lookedAt(100, (n) => [`name-${n}`, '10.0.0.1'])).toBe(20);
  });

  it('3: a network of IPv6 counts as one address', () => {
    const { lookedAt } = subject();
    expect(lookedAt(50, (n) => ['anna', `2001:db8::${n.toString(16)}`])).toBe(5);
    expect(lookedAt(1, () => ['anna', '2001:db8:0:1::1'])).toBe(1);
    expect(lookedAt(1, () => ['anna', '2001:db8:0:0:5:6:7:8'])).toBe(0);
  });

  it('3: looks at 100 tries an hour with one name from anywhere, and a known browser is not among them', () => {
    const { lookedAt, later } = subject();
    expect(lookedAt(500, (n) => ['anna', `10.0.${n % 250}.${n % 7}`])).toBe(100);
    expect(lookedAt(1, () => ['anna', '10.9.9.9'])).toBe(0);
    expect(lookedAt(50, () => ['anna', '10.9.9.9', 'device'])).toBe(10);
    later(60 * MINUTE);
    expect(lookedAt(1, () => ['anna', '10.9.9.9'])).toBe(1);
  });

  it('3: counts an unknown name as a known one: it does not know the difference', () => {
    expect(subject().lookedAt(50, () => ['nobody', '10.0.0.1'])).toBe(5);
  });

  it('3: what succeeds does not count', () => {
    const { throttle, lookedAt } = subject();
    const attempt = { name: 'anna', address: '10.0.0.1', device: null };
    for (let time = 0; time < 200; time++) {
      throttle.enter(attempt);
      throttle.succeeded(attempt);
    }
    expect(lookedAt(50, () => ['anna', '10.0.0.1'])).toBe(5);
  });

  it('3: who floods with made-up names from another address makes nobody forget', () => {
    const { lookedAt } = subject();
    expect(lookedAt(50, () => ['anna', '10.0.0.1'])).toBe(5);
    lookedAt(200_000, (n) => [`name-${n}`, '10.0.0.3']);
    expect(lookedAt(50, () => ['anna', '10.0.0.1'])).toBe(0);
  });

  it('3: an address of IPv4 is one however it is written, and not all of them', () => {
    const { lookedAt } = subject();
    expect(lookedAt(50, (n) => ['anna', n % 2 ? '10.0.0.1' : '::ffff:10.0.0.1'])).toBe(5);
    expect(lookedAt(50, (n) => ['anna', `10.0.0.1:${40_000 + n}`])).toBe(0);
    expect(lookedAt(30, (n) => [`name-${n}`, '::ffff:10.0.0.66'])).toBe(20);
    expect(lookedAt(1, () => ['anna', '::ffff:10.0.0.77'])).toBe(1);
  });

  it('3: says how long to wait', () => {
    const { throttle, lookedAt, later } = subject();
    lookedAt(5, () => ['anna', '10.0.0.1']);
    later(MINUTE);
    expect(() => throttle.enter({ name: 'anna', address: '10.0.0.1', device: null })).toThrow(
      expect.objectContaining({ code: 'log-in-throttled', info: expect.objectContaining({ retryAfterSeconds: 840 }) }),
    );
  });
});
