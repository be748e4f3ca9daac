import { faultFrom, type Fault, type FaultRecord } from '../message/fault.js';
import type { Arrival, Identified } from '../message/stages.js';
import { authorise } from '../policy/authorise.js';
import { represent } from '../policy/represent.js';
import { resolve } from '../policy/resolve.js';
import type { Resolved, Route } from '../policy/stages.js';
import { validate } from '../policy/validate.js';
import type { Protocol } from '../protocol/protocol.js';
import type { Agreement, System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';

/** What the gateway would do with a message; nothing is stored or sent. */
export interface Rehearsal {
  readonly wouldBe: 'accepted' | 'refused';
  readonly operation: string | null;
  readonly agreement: { readonly id: string; readonly status: Agreement['status'] } | null;
  /** Systems that it would be delivered to, and how. */
  readonly route: readonly { readonly participant: string; readonly system: string; readonly channel: string | null }[];
  /** Everything that stands against it, in the order of the path; each schema error is a violation of its fault. */
  readonly faults: readonly FaultRecord[];
}

/** `asksAgreement` false: the sender is not known, so only the rest of the path is walked. */
export type DryRun = (
  identified: Identified,
  body: Buffer,
  order: { readonly registry: Registry; readonly asksAgreement: boolean },
) => Promise<Rehearsal>;

/**
 * The path of a message without its acceptance. Where the agreement refuses, the body is examined all the same, so that a
 * vendor learns of everything at once.
 */
export function createDryRun(protocols: Readonly<Record<Arrival['binding'], Protocol>>): DryRun {
  return async (identified, body, { registry, asksAgreement }) => {
    const faults: Fault[] = [];
    const attempt = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
      try {
        return await work();
      } catch (error) {
        faults.push(faultFrom(error));
        return null;
      }
    };
    const decoded = await attempt(async () => represent(await protocols[identified.binding].decode(identified, body)));
    try {
      const resolved = decoded && (await attempt(() => resolve(decoded, registry)));
      const isAsked = asksAgreement && !resolved?.operation.follows;
      const authorised = resolved && isAsked && (await attempt(() => authorise(resolved, registry, new Date())));
      if (resolved) await attempt(() => validate(authorised || { ...resolved, routes: unauthorised(resolved) }));
      return rehearsalOf(resolved, registry, faults);
    } finally {
      decoded?.document.close();
    }
  };
}

/** Validation looks at the receivers, and of agreements at what is kept. */
const unauthorised = ({ receivers }: Resolved): readonly Route[] =>
  receivers.map((receiver) => ({ receiver, agreement: { evidence: 'digest' } as Agreement }));

function rehearsalOf(resolved: Resolved | null, registry: Registry, faults: readonly Fault[]): Rehearsal {
  const receivers = resolved?.receivers ?? [];
  const agreement = resolved && receivers[0] && agreementFor(resolved, receivers[0].participant, registry);
  return {
    wouldBe: faults.length === 0 ? 'accepted' : 'refused',
    operation: resolved?.operation.name ?? null,
    agreement: agreement ? { id: agreement.id, status: agreement.status } : null,
    route: resolved && !resolved.operation.follows ? receivers.map((receiver) => wayTo(receiver, resolved)) : [],
    faults: faults.map((fault) => fault.toRecord()),
  };
}

/** Of a question the way is the endpoint that answers it. */
function wayTo({ participant, id, receives, provides }: System, { operation, service }: Resolved) {
  const provided = provides.find((one) => one.service === service.id && one.version === service.version);
  const endpoint = provided?.endpoint ? `endpoint (${provided.endpoint.protocol})` : null;
  const channel = operation.profile === 'query' ? endpoint : (receives?.channel ?? null);
  return { participant, system: id, channel };
}

const agreementFor = ({ caller, service }: Resolved, provider: string, registry: Registry) =>
  registry.agreement(caller.participant, provider, service.id, service.version);
