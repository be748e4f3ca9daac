import type { Agreement, Operation, Service, System } from '../registry/model.js';
import { snapshot } from '../registry/snapshot.js';
import { simulate, type Described } from './simulate.js';
import {
  agreement as anAgreement,
  body,
  operation as anOperation,
  system as aSystem,
} from '../../test/support/policy-parts.js';

const NOW = new Date('2026-11-26T12:00:00Z');
const operation = (more: Partial<Operation>): Operation =>
  anOperation('invia', { soapAction: null, element: null, eventType: 'it.invio', jsonSchema: null, ...more });
const SERVICE: Service = {
  id: 'S',
  version: 1,
  title: 'S',
  status: 'published',
  owner: null,
  deprecated: null,
  sunset: null,
  operations: [
    operation({}),
    operation({
      name: 'stato',
      eventType: null,
      rest: { method: 'GET', path: '/stato' },
      follows: { operation: 'invia', asks: 'status' },
    }),
  ],
  maxBytes: 1_000,
  maxAttachmentBytes: null,
  senderPath: null,
  receiverPath: null,
  wsdl: null,
  openapi: null,
};
const system = (participant: string, more: Partial<System> = {}): System => ({
  ...aSystem(participant),
  credentials: [{ kind: 'api-key', id: participant, hash: 'x' }],
  provides: [{ service: 'S', version: 1, endpoint: null }],
  ...more,
});
const agreement = (provider: string, more: Partial<Agreement> = {}): Agreement =>
  anAgreement(provider, { service: 'S', ...more });
const registryOf = (agreements: readonly Agreement[]) =>
  snapshot({
    revision: 'r',
    participants: ['mittente', 'altro', 'alfa', 'beta'].map(body),
    systems: ['alfa', 'beta'].map((one) => system(one)),
    services: [SERVICE],
    agreements,
    operators: [],
    issuers: [],
  });

const described = (more: Partial<Described> = {}): Described => ({
  system: system('mittente'),
  binding: 'rest',
  address: { participant: 'alfa', version: 1, service: 'S', path: '/invia', query: '', method: 'POST' },
  headers: {},
  hints: { soapAction: null, actionParameter: null, wsaAction: null, element: null, eventType: null },
  claimedSender: null,
  claimedReceivers: [],
  messageId: 'm',
  ...more,
});
const event = (claimedReceivers: readonly string[] = []) =>
  described({
    binding: 'cloudevents',
    address: { participant: null, version: null, service: null, path: '', query: '', method: 'POST' },
    hints: { ...described().hints, eventType: 'it.invio' },
    claimedReceivers,
  });
const codesOf = ({ decisions }: ReturnType<typeof simulate>) =>
  decisions.map(({ station, fault }) => `${station} ${fault?.code ?? 'ok'}`);

describe('2. simulate', () => {
  it('2. ends at the first station that refuses', () => {
    const registry = registryOf([agreement('alfa', { status: 'suspended' })]);
    const told = simulate(described(), registry, NOW);
    expect(told.wouldBe).toBe('refused');
    expect(codesOf(told)).toEqual(['identify ok', 'represent ok', 'resolve ok', 'authorise agreement-suspended']);
    expect(told.routes).toMatchObject([
      { participant: 'alfa', priority: null, fault: { code: 'agreement-suspended' } },
    ]);
    const gone = system('mittente', {
      credentials: [{ kind: 'api-key', id: 'x', hash: 'x', expires: '2026-01-01T00:00:00Z' }],
    });
    expect(codesOf(simulate(described({ system: gone }), registry, NOW))).toEqual(['identify credentials-expired']);
  });

  it('2. says of each subscriber why it would get nothing, though the event is accepted', () => {
    const registry = registryOf([agreement('alfa'), agreement('beta', { status: 'suspended' })]);
    const told = simulate(event(), registry, NOW);
    expect(told.wouldBe).toBe('accepted');
    expect(told.routes.map(({ participant, fault }) => [participant, fault?.code ?? null])).toEqual([
      ['alfa', null],
      ['beta', 'agreement-suspended'],
    ]);
    expect(simulate(event(['beta']), registry, NOW).wouldBe).toBe('refused');
  });

  it('2. speaks for another body only where the system is registered to', () => {
    const registry = registryOf([agreement('alfa', { consumer: 'altro' })]);
    const speaks = described({ system: system('mittente', { actsFor: ['altro'] }), claimedSender: 'altro' });
    expect(simulate(speaks, registry, NOW).wouldBe).toBe('accepted');
    expect(codesOf(simulate(described({ claimedSender: 'altro' }), registry, NOW)).at(-1)).toBe(
      'authorise sender-mismatch',
    );
  });

  it('2. what asks about an earlier message is answered by the gateway', () => {
    const at = { ...described().address, path: '/stato', method: 'GET' };
    expect(simulate(described({ address: at }), registryOf([]), NOW)).toMatchObject({
      wouldBe: 'answered-here',
      routes: [],
    });
  });

  it('2. a priority goes as high as the agreement lets it; one that is none refuses the receiver', () => {
    const registry = registryOf([agreement('alfa', { maxPriority: 6 })]);
    const of = (priority: string) =>
      simulate(described({ headers: { 'x-priority': priority } }), registry, NOW).routes[0];
    expect([of('9')?.priority, of('2')?.priority, of('x')?.fault?.code]).toEqual([6, 2, 'parameter-wrong']);
    expect(simulate(described({ headers: { 'x-priority': 'x' } }), registry, NOW).wouldBe).toBe('refused');
  });
});
