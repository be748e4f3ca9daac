import { SERVICE_STATUSES } from '../registry/lifecycle.js';
import { STATIONS } from '../policy/simulate.js';
import { closed, integer, listOf, orNull, ref, refOrNull, string, time } from './schema-parts.js';

const status = { type: 'string', enum: [...SERVICE_STATUSES] };
const code = { ...string, description: 'IPA code' };
const agreementStatus = { type: 'string', enum: ['requested', 'active', 'suspended', 'revoked'] };

/** Of services and of the ways to them. */
export const SERVICE_SCHEMAS = {
  ServiceOperation: closed({
    name: string,
    profile: { type: 'string', enum: ['one-way', 'async-receipt', 'async-polled', 'query'] },
    soapAction: orNull(string),
    element: { anyOf: [closed({ namespace: string, name: string }), { type: 'null' }] },
    method: orNull(string),
    path: orNull(string),
    eventType: orNull(string),
    safe: { type: 'boolean' },
  }),
  ServiceVersion: closed({
    id: string,
    version: integer,
    title: string,
    status,
    owner: { ...orNull(string), description: 'IPA code; null: the platform' },
    maxBytes: integer,
    maxAttachmentBytes: orNull(integer),
    deprecated: orNull(time),
    sunset: orNull(time),
    stored: ref('StoredDocument'),
    versions: listOf(closed({ version: integer, status })),
    operations: listOf(ref('ServiceOperation')),
    providers: listOf(closed({ participant: code, system: string })),
    agreements: listOf(closed({ id: string, consumer: code, provider: code, status: agreementStatus })),
  }),
  RouteDecision: closed({
    station: { type: 'string', enum: [...STATIONS] },
    facts: { type: 'object', additionalProperties: string },
    fault: { ...refOrNull('Fault'), description: 'null: it lets the message pass' },
  }),
  SimulatedRoute: closed({
    participant: code,
    system: string,
    agreement: { anyOf: [closed({ id: string, status: agreementStatus }), { type: 'null' }] },
    channel: orNull(string),
    paused: { type: 'boolean' },
    circuitUntil: { ...orNull(time), description: 'when a spared system is tried again' },
    priority: orNull(integer),
    ordered: { type: 'boolean' },
    expiresAfter: { ...orNull(integer), description: 'seconds after acceptance' },
    fault: { ...refOrNull('Fault'), description: 'why this receiver would get nothing' },
  }),
  RouteSimulation: closed({
    wouldBe: { type: 'string', enum: ['accepted', 'asked', 'answered-here', 'refused'] },
    decisions: { ...listOf(ref('RouteDecision')), description: 'in the order of the path; none behind a refusal' },
    routes: listOf(ref('SimulatedRoute')),
  }),
};
