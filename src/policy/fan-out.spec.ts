import type { Resolved } from './stages.js';
import type { Agreement, Operation, System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import { decideEach, MAX_PROVIDERS } from './fan-out.js';
import { leasesOver, MemoryAllowances } from '../../test/support/allowances.js';
import { createThrottle as throttleOver } from './throttle.js';
import { agreement as anAgreement } from '../../test/support/policy-parts.js';

const NOW = new Date('2026-11-26T12:00:00Z');
const clock = { mark: () => undefined, note: () => undefined, marks: [], fork: () => clock };
const query = { name: 'leggi', profile: 'query' } as Operation;
const agreement = (provider: string, more: Partial<Agreement> = {}): Agreement =>
  anAgreement(provider, { consumer: 'regione', service: 'S', evidence: 'none', ...more });

const createThrottle = () =>
  throttleOver({
    leases: leasesOver(new MemoryAllowances()),
    registry: () => ({ participant: () => undefined }) as unknown as Registry,
    perMinute: 1,
    refused: () => undefined,
  });

async function decide(agreements: readonly Agreement[], more: Partial<Resolved> = {}, throttle = createThrottle()) {
  const byProvider = new Map(agreements.map((one) => [one.provider, one]));
  const registry = {
    agreement: (_: string, provider: string) => byProvider.get(provider),
    participant: () => undefined,
  } as unknown as Registry;
  const receivers = [...byProvider.keys(), 'c_none'].map((participant) => ({ participant }) as System);
  const resolved = {
    clock,
    binding: 'rest',
    address: { participant: 'cst', method: 'GET' },
    caller: { participant: 'regione', system: 's' },
    service: { id: 'S', version: 1 },
    operation: query,
    content: Buffer.alloc(10),
    headers: {},
    messageId: null,
    replyTo: null,
    claimedSender: null,
    claimedReceivers: [],
    receivers,
    ...more,
  } as unknown as Resolved;
  return (await decideEach(resolved, registry, NOW, throttle)).map((one) =>
    'fault' in one ? `${one.provider} ${one.fault.code}` : `${one.provider} ${one.authorised.routes.length}`,
  );
}
const code = (wanted: string) => expect.objectContaining({ code: wanted }) as Error;

describe('deciding for many', () => {
  it('7: leaves out who has no agreement in force for the operation', async () => {
    const past = new Date('2020-01-01T00:00:00Z');
    expect(
      await decide([
        agreement('c_a'),
        agreement('c_b', { operations: ['scrivi'] }),
        agreement('c_c', { status: 'suspended' }),
        agreement('c_d', { status: 'requested' }),
        agreement('c_e', { validUntil: past }),
        agreement('c_f', { operations: ['leggi'] }),
      ]),
    ).toEqual(['c_a 1', 'c_f 1']);
    await expect(decide([agreement('c_b', { status: 'revoked' })])).rejects.toThrow(code('not-authorised'));
  });

  it('7: what stands against one alone is its own fault', async () => {
    const throttle = createThrottle();
    const agreements = [agreement('c_a', { perMinute: 1 }), agreement('c_b', { maxBytes: 9 }), agreement('c_c')];
    expect(await decide(agreements, {}, throttle)).toEqual(['c_a 1', 'c_b too-large', 'c_c 1']);
    expect(await decide(agreements, {}, throttle)).toEqual(['c_a rate-limited', 'c_b too-large', 'c_c 1']);
  });

  it('7: takes queries by GET and POST alone', async () => {
    const message = { operation: { ...query, profile: 'one-way' } as Operation };
    await expect(decide([agreement('c_a')], message)).rejects.toThrow(code('fan-out-unsupported'));
    const put = { address: { participant: 'cst', method: 'PUT' } as Resolved['address'] };
    await expect(decide([agreement('c_a')], put)).rejects.toThrow(code('fan-out-unsupported'));
  });

  it('7: holds itself to a number of providers, and spends no rate above it', async () => {
    const many = Array.from({ length: MAX_PROVIDERS }, (_, index) => agreement(`c_${index}`));
    expect(await decide(many)).toHaveLength(MAX_PROVIDERS);
    const throttle = createThrottle();
    const limited = agreement('c_a', { perMinute: 1 });
    await expect(decide([...many, limited], {}, throttle)).rejects.toThrow(code('fan-out-too-wide'));
    expect(await decide([limited], {}, throttle)).toEqual(['c_a 1']);
  });
});
