import { breachesOf } from './invariants.js';
import type { Evidence, Got, Sent } from './ledger.js';

const sent = (id: string, more: Partial<Sent> = {}): Sent => ({
  id,
  intent: 'message',
  receiver: 'e01',
  conversation: 'c1',
  number: Number(id.slice(1)),
  isOrdered: true,
  digest: `digest-${id}`,
  at: 0,
  ms: 1,
  status: 202,
  code: null,
  gatewayId: `g-${id}`,
  ...more,
});
const got = (id: string, more: Partial<Got> = {}): Got => ({
  id,
  receiver: 'e01',
  key: `key-${id}`,
  conversation: 'c1',
  number: Number(id.slice(1)),
  digest: `digest-${id}`,
  at: Number(id.slice(1)),
  taken: true,
  ...more,
});
const told = (id: string, state = 'DELIVERED') => ({
  gatewayId: `g-${id}`,
  id,
  state: 'COMPLETED',
  deliveries: [{ receiver: 'e01', state }],
});
const EVENTS = ['message.accepted', 'delivery.claimed', 'delivery.delivered', 'message.completed'];
const story = (id: string, events = EVENTS) => events.map((event, seq) => ({ gatewayId: `g-${id}`, event, seq }));

const WHOLE: Evidence = {
  sent: [
    sent('m1', { status: null, gatewayId: null }),
    sent('m1'),
    sent('m1', { intent: 'repeat' }),
    sent('m1', { intent: 'changed', status: 409, digest: 'other', gatewayId: 'g-x' }),
    sent('m2'),
    sent('m3', { status: null, gatewayId: null }),
  ],
  got: [got('m1'), got('m1', { at: 9 }), got('m2'), got('m3')],
  told: ['m1', 'm2', 'm3'].map((id) => told(id)),
  journal: ['m1', 'm2', 'm3'].flatMap((id) => story(id)),
  queues: { 'crocevia.system.e01': 0 },
};
const broken = (more: Partial<Evidence>) =>
  breachesOf({ ...WHOLE, ...more }).map(({ invariant, ids }) => [invariant, ...ids]);

describe('invariants of the fault bench', () => {
  it('finds nothing in a whole ledger', () => {
    expect(broken({})).toEqual([]);
  });

  it.each<[string, Partial<Evidence>, readonly (readonly string[])[]]>([
    ['a message that was lost', { got: WHOLE.got.filter(({ id }) => id !== 'm2') }, [['I1', 'm2']]],
    ['one that came without effect', { got: [...WHOLE.got.slice(0, 2), got('m2', { taken: false })] }, [['I1', 'm2']]],
    ['a second effect', { got: [...WHOLE.got, got('m2', { key: 'another' })] }, [['I2', 'm2']]],
    ['a later one that overtakes', { got: [got('m1', { at: 3 }), got('m2', { at: 2 })] }, [['I3', 'm1']]],
    ['a changed content', { got: [...WHOLE.got, got('m2', { digest: 'x' })] }, [['I4', 'm2']]],
    ['a row that is missing', { journal: WHOLE.journal.filter((e) => e.gatewayId !== 'g-m2') }, [['I5', 'm2']]],
    ['no end', { journal: WHOLE.journal.filter((e) => e.gatewayId !== 'g-m2' || e.seq < 3) }, [['I5', 'm2']]],
    [
      'an end without a claim',
      { journal: [...story('m1'), ...story('m2', [EVENTS[0]!, EVENTS[2]!, EVENTS[3]!])] },
      [['I5', 'm2']],
    ],
    ['two acceptances', { journal: [...WHOLE.journal, ...story('m2', ['message.accepted'])] }, [['I5', 'm2']]],
    ['a story that nobody sent', { journal: [...WHOLE.journal, ...story('m9')] }, [['I5', 'g-m9']]],
    [
      'a doubtful one twice',
      { got: [...WHOLE.got, got('m3', { key: 'another' })] },
      [
        ['I2', 'm3'],
        ['I6', 'm3'],
      ],
    ],
    ['a wrong receiver', { got: [...WHOLE.got, got('m2', { receiver: 'e02' })] }, [['I7', 'm2']]],
    [
      'two answers',
      { sent: [...WHOLE.sent, sent('m2', { intent: 'repeat', gatewayId: 'g-y' })] },
      [
        ['I5', 'm2'],
        ['I8', 'm2'],
      ],
    ],
    ['a used id that was taken', { sent: [...WHOLE.sent, sent('m2', { intent: 'changed' })] }, [['I8', 'm2']]],
    [
      'a delivery that is stuck',
      { told: [...WHOLE.told.slice(0, 1), told('m2', 'QUEUED'), told('m3')] },
      [['I9', 'm2']],
    ],
    ['a queue that is not empty', { queues: { q: 2 } }, [['I9', 'q: 2']]],
  ])('finds %s', (_what, more, breaches) => {
    expect(broken(more)).toEqual(breaches);
  });

  it('asks for no order where the agreement does not', () => {
    const overtaken = { got: [got('m1', { at: 3 }), got('m2', { at: 2 }), got('m3')] };
    expect(broken(overtaken)).toEqual([['I3', 'm1']]);
    expect(broken({ ...overtaken, sent: WHOLE.sent.map((row) => ({ ...row, isOrdered: false })) })).toEqual([]);
  });

  it('takes no giving up for a delivery', () => {
    const got = WHOLE.got.slice(0, 2);
    expect(broken({ got, told: [told('m1'), told('m2', 'EXPIRED'), told('m3')] })).toEqual([['I1', 'm2']]);
  });
});
