import type { HeaderBlock } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import {
  agreedMessageId,
  agreedReference,
  agreedSequence,
  headerId,
  idempotencyKey,
  malformed,
  type GivenId,
} from '../ids.js';
import { PARTICIPANT_URN, SOAP, WSA_NAMESPACES, type SoapVersion } from './versions.js';

/** Header blocks of ModI and of ours, read by local name: every body puts them into a namespace of its own. */
const OWN_BLOCKS = ['X-ReplyTo', 'X-Correlation-ID', 'X-Conversation-ID', 'X-Sequence-Number'];
/** WS-Addressing 1.0 Core §2.1; the member submission keeps its one under `role`. */
const NOBODY = WSA_NAMESPACES.flatMap((namespace) =>
  ['/anonymous', '/none', '/role/anonymous'].map((end) => namespace + end),
);

/** What the header blocks and the HTTP headers say of the message. */
export interface AddressingFacts {
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly relatesTo: string | null;
  readonly replyTo: string | null;
  readonly conversation: string | null;
  readonly sequence: number | null;
  readonly action: string | null;
  readonly claimedSender: string | null;
  readonly claimedReceivers: readonly string[];
}

/** Throws message-id-malformed, parameter-wrong. */
export function addressingFacts(
  blocks: readonly HeaderBlock[],
  headers: Readonly<Record<string, string>>,
): AddressingFacts {
  const wsa = (name: string) => blocks.filter((block) => isWsa(block) && block.name === name);
  const [from] = wsa('From');
  const receiver = participantOf(wsa('To')[0]?.text);
  return {
    messageId: agreedMessageId([onlyMessageId(wsa('MessageID')), idempotencyKey(headers)]),
    correlationId: agreedReference([blockId(blocks, 'X-Correlation-ID'), headerId(headers, 'X-Correlation-ID')]),
    relatesTo: agreedReference([given(wsa('RelatesTo')[0], 'wsa:RelatesTo')]),
    replyTo: onlyReplyTo(wsa('ReplyTo'), blocks, headers),
    conversation: agreedReference([blockId(blocks, 'X-Conversation-ID'), headerId(headers, 'X-Conversation-ID')]),
    sequence: agreedSequence([blockId(blocks, 'X-Sequence-Number'), headerId(headers, 'X-Sequence-Number')]),
    action: wsa('Action')[0]?.text || null,
    claimedSender: participantOf(from?.address) ?? somebody(from?.address),
    claimedReceivers: receiver === null ? [] : [receiver],
  };
}

/** Every part of the message must mean one address: who reads another block than we check would answer elsewhere. */
function onlyReplyTo(
  addressed: readonly HeaderBlock[],
  blocks: readonly HeaderBlock[],
  headers: Readonly<Record<string, string>>,
): string | null {
  const ownBlocks = blocks.filter(({ name }) => name === 'X-ReplyTo');
  const named = [
    ...addressed.map(({ address }) => somebody(address)),
    ...ownBlocks.map(({ text }) => text),
    headers['x-replyto']?.trim(),
  ].filter((one) => one !== null && one !== undefined && one !== '');
  if (ownBlocks.length < 2 && addressed.length < 2 && new Set(named).size < 2) return named[0] ?? null;
  throw new Fault('parameter-wrong', {
    detail: 'The message names its reply address more than once.',
    place: 'X-ReplyTo, wsa:ReplyTo',
    expected: 'one header block, or the same address in each',
  });
}

export const isWsa = ({ namespace }: HeaderBlock) => WSA_NAMESPACES.includes(namespace);

const own = (blocks: readonly HeaderBlock[], name: string) => blocks.find((block) => block.name === name);

const given = (block: HeaderBlock | undefined, place: string): GivenId | null =>
  block ? { value: block.text, place } : null;

const blockId = (blocks: readonly HeaderBlock[], name: string) => given(own(blocks, name), `header block ${name}`);

/** WS-Addressing 1.0 SOAP Binding §3.2: a header is given at most once. */
function onlyMessageId(blocks: readonly HeaderBlock[]): GivenId | null {
  if (blocks.length > 1) throw malformed('The Header holds more than one MessageID.', 'wsa:MessageID', 'one MessageID');
  return given(blocks[0], 'wsa:MessageID');
}

/** An address that leads somewhere. */
function somebody(address: string | null | undefined): string | null {
  return !address || NOBODY.includes(address) ? null : address;
}

function participantOf(address: string | null | undefined): string | null {
  return address?.startsWith(PARTICIPANT_URN) ? address.slice(PARTICIPANT_URN.length) : null;
}

/**
 * Refuses a mandatory block for a role of ours that this gateway does not process (SOAP 1.1 §4.2.3, SOAP 1.2 Part 1
 * §5.2.3). `place` lists the names as `{namespace}name`, blank-separated.
 */
export function requireUnderstood(blocks: readonly HeaderBlock[], version: SoapVersion): void {
  const ours = (role: string | null) => role === null || SOAP[version].ourRoles.includes(role);
  const unknown = blocks.filter(
    (block) => block.mustUnderstand && ours(block.role) && !isWsa(block) && !OWN_BLOCKS.includes(block.name),
  );
  if (unknown.length === 0) return;
  throw new Fault('header-not-understood', {
    detail: `Not understood: ${unknown.map(({ name }) => name).join(', ')}.`,
    place: unknown.map(({ namespace, name }) => `{${namespace}}${name}`).join(' '),
    expected: `WS-Addressing, ${OWN_BLOCKS.join(', ')}`,
  });
}
