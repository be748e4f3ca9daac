import { printAttention, printQueue, type Attention } from './print-situation.js';

const DOWN: Attention = {
  kind: 'flow-down',
  severity: 'critical',
  entity: 'r_abruzz',
  system: 'regione.anagrafe',
  count: 2,
  since: null,
  about: null,
};

describe('how things stand, in lines', () => {
  it.each<[Partial<Attention>, string]>([
    [{}, 'critical  regione.anagrafe  gives no answer and is spared; crocevia queues regione.anagrafe'],
    [
      { kind: 'oldest-waiting', severity: 'warning', count: 8, since: '2026-11-27T02:00:00Z' },
      'warning   regione.anagrafe  8 wait, the oldest for long; crocevia queues regione.anagrafe  since 2026-11-27T02:00:00Z',
    ],
    [
      { kind: 'refusals', severity: 'info', system: null, count: 3, about: 'not-authorised' },
      'info      r_abruzz  3 refused: not-authorised',
    ],
    [
      {
        kind: 'certificate-expiring',
        system: null,
        entity: null,
        count: 5,
        about: 'CN=gw',
        since: '2026-12-02T00:00:00Z',
      },
      'critical  the gateway  the certificate CN=gw ends in 5 days',
    ],
    [{ kind: 'held-back' }, 'critical  regione.anagrafe  is paused; crocevia resume regione.anagrafe'],
    [{ kind: 'new', count: 4 }, 'critical  regione.anagrafe  new: 4'],
  ])('%j', (one, line) => {
    expect(printAttention({ ...DOWN, ...one })).toBe(line);
  });

  it('tells of a queue how much waits, since when, and when its system is tried again', () => {
    const empty = { system: 'a.b', state: 'open', circuitUntil: null, depth: 0, oldestAt: null, dead: 0 };
    expect(printQueue(empty)).toBe('a.b  0 wait  open');
    const spared = { ...empty, state: 'circuit-open', circuitUntil: 'T2', depth: 8, oldestAt: 'T1', dead: 1 };
    expect(printQueue(spared)).toBe(
      'a.b  8 wait, the oldest since T1  circuit-open, tried again at T2  1 dead letters',
    );
  });
});
