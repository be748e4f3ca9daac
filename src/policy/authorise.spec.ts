import type { Decoded } from '../message/stages.js';
import type { Agreement } from '../registry/model.js';
import { authorise, requireCallerIsSender } from './authorise.js';
import { resolve } from './resolve.js';
import { agreement, registryWith, decoded, event, now } from '../../test/support/policy-parts.js';

describe('authorise', () => {
  const decide = (message: Decoded, ...agreements: Agreement[]) => {
    const registry = registryWith(...agreements);
    return authorise(resolve(message, registry), registry, now);
  };

  it('5: lets through what an agreement in force covers', () => {
    expect(
      decide(decoded(), agreement('alfa', { operations: ['nascita'] })).routes.map(({ agreement: { id } }) => id),
    ).toEqual(['a-alfa']);
  });

  it.each([
    ['not-authorised', []],
    ['not-authorised', [agreement('beta')]],
    ['not-authorised', [agreement('alfa', { operations: ['decesso'] })]],
    ['not-authorised', [agreement('alfa', { status: 'revoked' })]],
    ['not-authorised', [agreement('alfa', { status: 'requested' })]],
    ['too-large', [agreement('alfa', { maxBytes: 99 })]],
    ['agreement-suspended', [agreement('alfa', { status: 'suspended' })]],
    ['intake-paused', [agreement('alfa', { takesNothing: true })]],
    ['agreement-not-in-force', [agreement('alfa', { validUntil: new Date('2026-01-01') })]],
    ['agreement-not-in-force', [agreement('alfa', { validFrom: new Date('2027-01-01') })]],
  ] as const)('5: refuses with %s', (code, agreements) => {
    expect(() => decide(decoded(), ...agreements)).toThrow(expect.objectContaining({ code }));
  });

  it('skips a subscriber whose agreement is suspended, and refuses when none is left', () => {
    const suspended = agreement('beta', { status: 'suspended' });
    expect(decide(event(), agreement('alfa'), suspended).routes.map(({ receiver }) => receiver.participant)).toEqual([
      'alfa',
    ]);
    expect(() => decide(event(), suspended)).toThrow(expect.objectContaining({ code: 'no-subscriber' }));
    expect(() => decide(event({ claimedReceivers: ['alfa', 'beta'] }), agreement('alfa'), suspended)).toThrow(
      expect.objectContaining({ code: 'agreement-suspended' }),
    );
  });

  it('4: needs a message id where the agreement filters duplicates', () => {
    const strict = agreement('alfa', { filtersDuplicates: true });
    expect(() => decide(decoded({ messageId: null }), strict)).toThrow(
      expect.objectContaining({ code: 'message-id-missing' }),
    );
    expect(decide(decoded({ messageId: null }), agreement('alfa')).messageId).toBeNull();
  });

  it('5: refuses a sender that is not the caller, but not an address that names nobody', () => {
    expect(() => decide(decoded({ claimedSender: 'alfa' }), agreement('alfa'))).toThrow(
      expect.objectContaining({ code: 'sender-mismatch' }),
    );
    expect(() => decide(decoded({ claimedSender: 'mittente' }), agreement('alfa'))).not.toThrow();
    const naming = (binding: Decoded['binding']) => () =>
      requireCallerIsSender(decoded({ binding, claimedSender: 'https://10.0.0.1/porta' }));
    expect(naming('soap')).not.toThrow();
    for (const binding of ['rest', 'cloudevents'] as const) expect(naming(binding)).toThrow(/sender-mismatch/);
  });

  it('1: an event carries no query, for nobody waits for the answer', () => {
    const registry = registryWith(agreement('alfa'));
    const asked = decoded({ path: '/decesso' });
    expect(() => decide(asked, agreement('alfa'))).not.toThrow();
    const question = { ...resolve(asked, registry), binding: 'cloudevents', claimedReceivers: ['alfa'] } as const;
    expect(() => authorise(question, registry, now)).toThrow(expect.objectContaining({ code: 'profile-unsupported' }));
  });
});
