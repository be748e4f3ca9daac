import { Fault } from '../message/fault.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { FaultRecord } from '../message/fault.js';
import type { System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { QueueItem } from '../acceptance/ports.js';
import type { Settle } from '../receipt/settle.js';
import type { Channel, ChannelResult } from './channel.js';
import type { DeliveryCircuits } from './circuits.js';
import type { Claim, DeliveryLedger, ItemHandler, Settlement } from './ports.js';
import { pausedFault } from '../registry/paused.js';
import { suspendedFault } from '../registry/suspended.js';
import { nextAttempt, nextLook } from './retry.js';
import { carriageMs, wayOf, type Way } from './way.js';
import { endOf, type Tracing } from '../trace/tracing.js';

export interface DispatchParts {
  readonly ledger: DeliveryLedger;
  readonly registry: () => Registry;
  readonly channels: Readonly<Record<Way['channel'], Channel>>;
  readonly settle: Settle;
  readonly circuits: DeliveryCircuits;
  readonly owner: string;
  readonly tracing: Pick<Tracing, 'delivery'>;
  /** Makes what rests due at once, but for paused systems. */
  readonly lookAgain: (registry: Registry) => Promise<void>;
  /** Told when a lease was lost before its outcome could be written: another turn will follow. */
  readonly leaseLost: (item: QueueItem) => void;
}

/** Beyond the receiver's own time limit: composing, and writing the outcome. */
const LEASE_MARGIN_MS = 15_000;
const DEFAULT_LEASE_MS = 60_000;
/**
 * How long a delivery rests that has no destination, or is held by a pause or a suspension. A change of the registry ends it: this is
 * for a node that died between the two.
 */
const SUSPENSION_MS = 900_000;

/**
 * Takes one queue item to its receiver: claim (compare-and-set), deliver, settle. The promise resolves once the ledger
 * knows the outcome, so the broker's acknowledgement comes after it; a stale copy resolves at once. It rejects when the
 * ledger is away, and the broker then offers the item again.
 */
export function createDispatcher(parts: DispatchParts): ItemHandler {
  return async (item, called) => {
    const registry = parts.registry();
    const receiver = registry.system(item.delivery.receiver.system);
    const way = receiver ? wayOf(item, receiver) : null;
    if (!receiver || !way) return rest(item, destinationMissing(item), registry, parts);
    const held = receiver.paused ? pausedFault(receiver).toRecord() : reasonToHold(item, registry);
    if (held) return rest(item, held, registry, parts);
    const spared = 'url' in way ? await parts.circuits.held(item) : null;
    if (spared) return rest(item, spared.fault, registry, parts, spared.until);
    const claim = await parts.ledger.claim(item, { owner: parts.owner, ms: leaseFor(way, item) });
    if (!claim) return;
    const settlement = await outcomeOf(item, claim, { receiver, way }, parts);
    called();
    if (!(await parts.ledger.settle(claim, settlement))) parts.leaseLost(item);
    if (settlement.state === 'SUSPENDED') await followRegistry(registry, parts);
  };
}

/** A registry that came between the look at it and this commit has already sent on what rested: not this delivery. */
async function rest(
  item: QueueItem,
  reason: FaultRecord,
  seen: Registry,
  parts: DispatchParts,
  until = soon(),
): Promise<void> {
  await parts.ledger.suspend(item, reason, until);
  await followRegistry(seen, parts);
}

async function followRegistry(seen: Registry, parts: DispatchParts): Promise<void> {
  const newest = parts.registry();
  if (newest !== seen) await parts.lookAgain(newest);
}

const soon = () => new Date(Date.now() + SUSPENSION_MS);

const leaseFor = (way: Way, { message }: QueueItem): number =>
  ('timeoutMs' in way ? way.timeoutMs + LEASE_MARGIN_MS : DEFAULT_LEASE_MS) + carriageMs(message.size);

/** A message keeps the agreement that it was accepted under; while that, or its sender, is suspended its deliveries rest. */
function reasonToHold(item: QueueItem, registry: Registry): FaultRecord | null {
  const { kind, receiver: party } = item.delivery;
  if (kind === 'receipt') return null;
  const { sender, service, version, profile } = item.message;
  if (registry.participant(sender.participant)?.suspended) return suspendedFault(sender.participant).toRecord();
  const [consumer, provider] = profile === 'answer' ? [party, sender] : [sender, party];
  const agreement = registry.agreement(consumer.participant, provider.participant, service, version);
  if (agreement?.id !== item.delivery.agreement || agreement.status !== 'suspended') return null;
  return new Fault('agreement-suspended', {
    detail: `Agreement ${agreement.id} is suspended.`,
    place: party.participant,
  }).toRecord();
}

function destinationMissing({ delivery }: QueueItem): FaultRecord {
  const { participant, system } = delivery.receiver;
  return new Fault('destination-missing', {
    detail: `System ${system} has no registered way to receive.`,
    place: participant,
  }).toRecord();
}

async function outcomeOf(
  item: QueueItem,
  claim: Claim,
  { receiver, way }: { readonly receiver: System; readonly way: Way },
  parts: DispatchParts,
): Promise<Settlement> {
  const subject = { ...item.delivery, message: item.message };
  if (claim.isExpired) return parts.settle(subject, { state: 'EXPIRED', fault: expired(item) });
  if (claim.tries > way.retry.attempts + MAX_LOST)
    return parts.settle(subject, { state: 'FAILED', fault: abandoned(item, claim) });
  const content = item.content ?? (await parts.ledger.content(item.message.id));
  if (content === null) return parts.settle(subject, { state: 'FAILED', fault: purged(item) });
  const trace = parts.tracing.delivery(item, claim.attempts);
  const job = { item, attempt: claim.attempts, content, receiver, trace: trace.context };
  const result = await parts.channels[way.channel].deliver(job);
  trace.end(endOf(result));
  // Of a store that is away the settlement tells; a circuit is worth no second delivery.
  if ('url' in way || item.isProbe) await parts.circuits.note(item, result).catch(() => undefined);
  return parts.settle(subject, settlementOf(result, claim, way, item));
}

/** Tries without an outcome that a delivery may have beside those of its rule: one that ends the process each time must not do so for ever. */
const MAX_LOST = 3;

const abandoned = ({ delivery }: QueueItem, { tries }: Claim) =>
  new Fault('delivery-abandoned', {
    detail: `Of ${tries - 1} tries more than ${MAX_LOST} ended without an outcome.`,
    place: delivery.receiver.participant,
  }).toRecord();

const expired = ({ delivery }: QueueItem) =>
  new Fault('delivery-expired', {
    detail: `Not delivered by ${delivery.expiresAt.toISOString()}.`,
    place: delivery.receiver.participant,
  }).toRecord();

const purged = ({ message, delivery }: QueueItem) =>
  new Fault('content-purged', {
    detail: `What came on ${message.acceptedAt.toISOString()} is no longer kept.`,
    place: delivery.receiver.participant,
  }).toRecord();

/** Where contents lie elsewhere than in the ledger: whose outcome is not written while that is away. */
const STORE_AWAY_MS = 10_000;

/** No fault of the receiver's, and nothing that a try after the next would mend: it waits for who has to act, and burns no attempt. */
const RESTS: Partial<Record<FaultCode, (item: QueueItem) => Date>> = {
  'certificate-expired': ({ message }) => nextLook(message.acceptedAt, new Date()),
  'destination-forbidden': soon,
  'schema-missing': soon,
  'store-unavailable': () => new Date(Date.now() + STORE_AWAY_MS),
};

function settlementOf(
  result: ChannelResult,
  claim: Claim,
  { retry }: Way,
  item: QueueItem,
): Omit<Settlement, 'receipt' | 'service'> {
  const { attempt } = result;
  const known = { attempt, ...(result.fault && { fault: result.fault }) };
  if (result.outcome === 'delivered') return { state: 'DELIVERED', ...known };
  if (result.outcome === 'available') return { state: 'AVAILABLE', ...known };
  if (result.outcome === 'refused') return { state: 'FAILED', ...known };
  const rest = result.fault && RESTS[result.fault.code];
  if (rest) return { state: 'SUSPENDED', fault: result.fault, nextAttemptAt: rest(item) };
  const next = nextAttempt(retry, claim.tries, result.retryAfterMs ?? null, Math.random, new Date());
  return next ? { state: 'WAITING_RETRY', nextAttemptAt: next, ...known } : { state: 'FAILED', ...known };
}
