import { snapshot } from '../registry/snapshot.js';
import { authorise } from './authorise.js';
import { leasesOver, MemoryAllowances } from '../../test/support/allowances.js';
import type { Registry } from '../registry/registry.js';
import { createThrottle } from './throttle.js';
import { resolve } from './resolve.js';
import { service, body, system, agreement, registryWith, event, now } from '../../test/support/policy-parts.js';

describe('throttle', () => {
  const throttleOver = (registry: Registry, perMinute = 1000) => {
    const refused: string[] = [];
    const leases = leasesOver(new MemoryAllowances());
    return {
      throttle: createThrottle({ leases, registry: () => registry, perMinute, refused: (kind) => refused.push(kind) }),
      refused,
    };
  };
  const limited = (detail: string) =>
    expect.objectContaining({
      code: 'rate-limited',
      info: expect.objectContaining({ detail: expect.stringContaining(detail), retryAfterSeconds: expect.any(Number) }),
    });

  it('4: holds an agreement to its messages a minute, and others not', async () => {
    const registry = registryWith(agreement('alfa', { perMinute: 2 }), agreement('beta'));
    const { throttle } = throttleOver(registry);
    const send = (to: string) =>
      throttle.take(authorise(resolve(event({ claimedReceivers: [to] }), registry), registry, now));
    await send('alfa');
    await send('alfa');
    await expect(send('alfa')).rejects.toEqual(
      limited('The limit of agreement a-alfa is used up: 2 messages a minute. It is free again at '),
    );
    for (let count = 0; count < 10; count++) expect(await send('beta')).toBeDefined();
  });

  it('7: holds system, participant, service and quota, names whose it is, and tells the tightest', async () => {
    const limits = { perMinute: 600, burst: 5, messagesPerDay: 3, bytesPerMonth: 1_000_000 };
    const registry = snapshot({
      revision: 'r',
      participants: [{ ...body('mittente'), limits }, body('alfa')],
      systems: [{ ...system('mittente'), limits: { perMinute: 4 } }, system('alfa')],
      services: [{ ...service, limits: { perMinute: 2 } }],
      agreements: [agreement('alfa')],
      operators: [],
      issuers: [],
    });
    const { throttle, refused } = throttleOver(registry);
    const caller = { participant: 'mittente', system: 'mittente.sys' };
    const authorised = authorise(
      resolve({ ...event({ claimedReceivers: ['alfa'] }), caller }, registry),
      registry,
      now,
    );
    const told = (one: Parameters<typeof throttle.headers>[0]) =>
      [throttle.headers(one)].map((all) => [all['x-ratelimit-limit'], all['x-ratelimit-remaining']])[0];
    expect(told({ caller })).toEqual(['4', '4']);
    await throttle.admit(caller);
    await throttle.take(authorised);
    expect(told({ caller })).toEqual(['4', '3']);
    expect(told(authorised)).toEqual(['2', '1']);
    await throttle.take(authorised);
    await expect(throttle.take(authorised)).rejects.toEqual(limited('service Anagrafe v1 of mittente'));
    for (let count = 0; count < 3; count++) await throttle.admit(caller);
    await expect(throttle.admit(caller)).rejects.toEqual(
      limited('system mittente.sys is used up: 4 requests a minute'),
    );
    const sibling = { participant: 'mittente', system: 'another' };
    await throttle.admit(sibling);
    await expect(throttle.admit(sibling)).rejects.toEqual(
      limited('participant mittente is used up: 5 requests in 0.5 seconds'),
    );
    const unlimited = { ...authorised, service: { ...service } };
    await throttle.take(unlimited);
    await expect(throttle.take(unlimited)).rejects.toEqual(
      limited('participant mittente is used up: 3 messages a day'),
    );
    expect(refused).toEqual(['service', 'system', 'participant', 'participant']);
  });
});
