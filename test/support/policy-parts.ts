import type { Decoded } from '../../src/message/stages.js';
import type { Agreement, Operation, Participant, Service, System } from '../../src/registry/model.js';
import { snapshot } from '../../src/registry/snapshot.js';

export const NS = 'urn:anagrafe';
export const operation = (name: string, more: Partial<Operation> = {}): Operation => ({
  name,
  profile: 'one-way',
  soapAction: `${NS}/${name}`,
  element: { namespace: NS, name },
  rest: { method: 'POST', path: `/${name}` },
  eventType: `it.${name}`,
  xsd: null,
  answerSchema: null,
  jsonSchema: { key: 'k', kind: 'json-schema', entry: 'e', documents: {} },
  safe: false,
  acknowledged: true,
  promised: false,
  acceptedAs: null,
  follows: null,
  output: null,
  ...more,
});

export const service: Service = {
  id: 'Anagrafe',
  version: 1,
  title: 'Anagrafe',
  status: 'published',
  owner: null,
  deprecated: null,
  sunset: null,
  operations: [operation('nascita'), operation('decesso', { profile: 'query' })],
  maxBytes: 1000,
  maxAttachmentBytes: null,
  senderPath: 'testata/mittente',
  receiverPath: 'testata/destinatario',
  wsdl: null,
  openapi: null,
};

export const body = (id: string): Participant => ({ id, name: id, kind: 'municipality', parent: null });
export const system = (participant: string): System => ({
  id: `${participant}.sys`,
  participant,
  credentials: [],
  provides: [{ service: 'Anagrafe', version: 1, endpoint: null }],
  answers: { concurrency: 1, waiting: 1 },
  receives: null,
  receiptsTo: null,
  callbacks: [],
  paused: false,
});
export const agreement = (provider: string, more: Partial<Agreement> = {}): Agreement => ({
  id: `a-${provider}`,
  consumer: 'mittente',
  provider,
  service: 'Anagrafe',
  version: 1,
  operations: null,
  status: 'active',
  validFrom: null,
  validUntil: null,
  subscribes: true,
  expiresAfter: 60,
  filtersDuplicates: false,
  ordered: false,
  receipts: true,
  evidence: 'digest',
  strictEvidence: false,
  contentDays: null,
  recordDays: null,
  maxBytes: null,
  perMinute: null,
  ...more,
});

export const registryWith = (...agreements: Agreement[]) => registryOver(service, agreements);
export const registryOver = (service: Service, agreements: readonly Agreement[]) =>
  snapshot({
    revision: 'r',
    participants: ['mittente', 'alfa', 'beta'].map(body),
    systems: ['mittente', 'alfa', 'beta'].map(system),
    services: [service],
    agreements,
    operators: [],
    issuers: [],
  });

export const nothing = { soapAction: null, actionParameter: null, wsaAction: null, element: null, eventType: null };

export function decoded(more: Partial<Decoded> & { readonly path?: string } = {}): Decoded {
  const { path = '/nascita', ...rest } = more;
  return {
    door: 'http',
    binding: 'rest',
    address: { participant: 'alfa', version: 1, service: 'Anagrafe', path, query: '', method: 'POST' },
    clock: { mark: () => undefined, marks: [] },
    caller: { participant: 'mittente', system: 'mittente.sys' },
    format: 'json',
    attachments: [],
    content: Buffer.alloc(100),
    hints: nothing,
    headers: {},
    messageId: 'm1',
    replyTo: null,
    claimedSender: null,
    claimedReceivers: [],
    ...rest,
  } as unknown as Decoded;
}
export const soap = (hints: Partial<Decoded['hints']>) =>
  decoded({ binding: 'soap', path: '', hints: { ...nothing, ...hints } });
export const event = (more: Partial<Decoded> = {}) =>
  decoded({ binding: 'cloudevents', hints: { ...nothing, eventType: 'it.nascita' }, ...more });
export const now = new Date('2026-11-23T12:00:00Z');
