import { newId } from '../new-id.js';
import type { DryRun } from '../acceptance/dry-run.js';
import { rehearsed } from '../acceptance/rehearsed.js';
import { Fault, type FaultRecord } from '../message/fault.js';
import type { Identified, Reply } from '../message/stages.js';
import { callerOf } from '../policy/represent.js';
import type { Registry } from '../registry/registry.js';
import type { MessageStatus, TraceReader, ViewedContent } from '../trace/ports.js';
import { draftOf, headersFor, MOST_BYTES, requirePlainPath, targetOf } from './draft.js';
import { DECISION_MS, type Correction, type CorrectionStore, type NewCorrection } from './ports.js';

export interface Proposal {
  readonly message: MessageStatus;
  /** The original as it is kept. */
  readonly viewed: ViewedContent;
  readonly text: string;
  /** IPA code; null: the only one there is. */
  readonly receiver: string | null;
  readonly reason: string;
  readonly operator: string;
}

/** Nothing is kept where anything stands against it. */
export type Proposed =
  | { readonly correction: Correction; readonly faults: readonly [] }
  | { readonly correction: null; readonly faults: readonly FaultRecord[] };

/** Edited copies of messages: one operator writes, another one approves, and the gateway takes it as the sender's. */
export interface Corrections {
  /** Throws correction-impossible. */
  propose(proposal: Proposal): Promise<Proposed>;
  /** Takes it over the whole path. Throws operator-not-allowed, correction-state-wrong, content-purged. */
  approve(correction: Correction, operator: string, reason: string | null): Promise<Correction>;
  /** Also by who has written it. Throws correction-state-wrong. */
  reject(correction: Correction, operator: string, reason: string): Promise<Correction>;
}

export interface CorrectionParts {
  readonly store: CorrectionStore;
  readonly registry: () => Registry;
  readonly dryRun: DryRun;
  /** The path of a message; never throws. */
  readonly receive: (identified: Identified, body: Buffer) => Promise<Reply>;
  readonly trace: Pick<TraceReader, 'status'>;
  /** Under whose key contents of these are kept. */
  readonly sealFor: (participants: readonly string[]) => string | null;
}

export function createCorrections(parts: CorrectionParts): Corrections {
  return {
    propose: (proposal) => propose(proposal, parts),
    approve: (correction, operator, reason) => approve(correction, operator, reason, parts),
    reject: async (correction, operator, reason) =>
      (await parts.store.reject(correction.id, operator, reason)) ?? wrongState(correction),
  };
}

async function propose({ message, viewed, text, ...order }: Proposal, parts: CorrectionParts): Promise<Proposed> {
  // What has no draft has no copy either, whoever asks.
  draftOf(viewed);
  const id = newId();
  const content = Buffer.from(text);
  if (content.length > MOST_BYTES)
    throw new Fault('correction-impossible', {
      detail: `It has ${content.length} bytes.`,
      place: 'text',
      expected: `at most ${MOST_BYTES}`,
    });
  const target = targetOf(message, order.receiver, parts.registry());
  requirePlainPath(target.operation, content);
  const { participant: sender, system } = message.sender;
  const correction: NewCorrection = {
    id,
    messageId: message.id,
    sender,
    system,
    receiver: target.receiver,
    service: target.service.id,
    version: target.service.version,
    operation: target.operation.name,
    headers: headersFor(id, text, message, viewed.headers),
    size: content.length,
    reason: order.reason,
    operator: order.operator,
  };
  const { faults } = await rehearse(correction, content, parts);
  if (faults.length > 0) return { correction: null, faults };
  const sealFor = parts.sealFor([sender, target.receiver]);
  return { correction: await parts.store.add(correction, content, sealFor), faults: [] };
}

async function approve(
  correction: Correction,
  operator: string,
  reason: string | null,
  parts: CorrectionParts,
): Promise<Correction> {
  const { store } = parts;
  if (correction.operator === operator)
    throw new Fault('operator-not-allowed', {
      detail: 'Who has written a correction does not approve it.',
      expected: 'another operator with messages.correct and the sender in its scope',
    });
  const content = await store.content(correction.id);
  const claimed = await store.claim(correction.id, operator, reason);
  if (claimed === null || content === null) return wrongState(correction);
  const { identified, faults } = await rehearse(claimed, content, parts);
  if (identified === null || faults[0]) return refused(claimed, faults[0], parts);
  const { status, headers } = await parts.receive(identified, content);
  const sentAs = headers['x-gateway-id'];
  if (status < 400 && sentAs !== undefined) return (await store.sent(claimed.id, sentAs)) ?? wrongState(claimed);
  const record = sentAs === undefined ? null : await parts.trace.status(sentAs);
  return refused(claimed, record?.fault ?? new Fault('overloaded', { detail: `HTTP ${status}.` }).toRecord(), parts);
}

async function refused({ id }: Correction, fault: FaultRecord | undefined, { store }: CorrectionParts) {
  const { code, retryable } = fault ?? new Fault('internal', { detail: 'It could not be made.' }).toRecord();
  const ended = await store.refused(id, code, retryable);
  if (ended !== null) return ended;
  throw new Fault('correction-state-wrong', { detail: 'It was decided meanwhile.', place: 'address' });
}

/** The copy as if its sender had handed it in over HTTP, and what stands against it. */
async function rehearse(
  { headers, service: id, version, receiver: provider, operation: name, system }: NewCorrection,
  body: Buffer,
  { registry: current, dryRun }: CorrectionParts,
): Promise<{ readonly identified: Identified | null; readonly faults: readonly FaultRecord[] }> {
  const registry = current();
  const sender = registry.system(system);
  const operation = registry.service(id, version)?.operations.find((one) => one.name === name);
  if (!sender || !operation) return { identified: null, faults: [gone(sender ? `${id} v${version}` : system)] };
  const place = operation.rest === null ? {} : { path: operation.rest.path, method: operation.rest.method };
  const order = { key: { id, version }, provider, headers, body, ...place };
  const identified = rehearsed(order, registry, callerOf(sender, registry));
  const { faults } = await dryRun(identified, body, { registry, asksAgreement: true });
  return { identified, faults };
}

const gone = (what: string) =>
  new Fault('correction-impossible', {
    detail: `${what} is not registered any more.`,
    place: 'address',
    expected: 'the sending system and the service of the original',
  }).toRecord();

function wrongState({ state, createdAt }: Correction): never {
  const isLate = state === 'PROPOSED' && Date.now() - createdAt.getTime() > DECISION_MS;
  throw new Fault('correction-state-wrong', {
    detail: isLate ? 'The time to approve it is over.' : `The correction is ${state}.`,
    place: 'address',
    expected: 'PROPOSED, for less than a day',
  });
}
