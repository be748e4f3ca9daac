import { randomUUID } from 'node:crypto';
import { isEnvelope } from '../acceptance/rehearsed.js';
import { Fault } from '../message/fault.js';
import type { Operation, Service } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { MessageStatus, ViewedContent } from '../trace/ports.js';

/** Bytes of a content that people edit. */
export const MOST_BYTES = 524_288;

/** The text of a message to be edited, under an id of its own. */
export interface Draft {
  readonly text: string;
  /** Its media type. */
  readonly type: string;
}

/** WS-Addressing 1.0 §3.1, wsa:MessageID; whichever prefix. */
const MESSAGE_ID = /(<(?:[\w.-]+:)?MessageID(?:\s[^>]*)?>)([^<]*)(?=<)/;

/** Throws correction-impossible. */
export function draftOf({ content, headers }: ViewedContent): Draft {
  const type = headers['content-type'] ?? '';
  if (!Buffer.isBuffer(content) || content.length > MOST_BYTES)
    throw impossible('It is too large to be edited.', `at most ${MOST_BYTES} bytes`);
  if (!/^(text|application)\/(soap\+)?(xml|json)\b|\+json\b/i.test(type) || /cloudevents/i.test(type))
    throw impossible(`Of ${type || 'no media type'} no copy can be edited.`, 'SOAP, XML or JSON without attachments');
  const text = textOf(content, type);
  return { text: text.replace(MESSAGE_ID, (_all, tag: string) => `${tag}urn:uuid:${randomUUID()}`), type };
}

/** Throws correction-impossible: what is written anew is written in UTF-8. */
function textOf(content: Buffer, type: string): string {
  const declared =
    /charset="?([\w-]+)/i.exec(type)?.[1] ??
    /^<\?xml[^>]*encoding=["']([\w-]+)/.exec(content.toString('latin1', 0, 200))?.[1];
  try {
    if (!/^(utf-?8|us-ascii)$/i.test(declared ?? 'utf-8')) throw new TypeError(declared);
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw impossible('Its characters are not those of UTF-8.', 'a message in UTF-8');
  }
}

/** The headers with which an edited copy is sent. Throws correction-impossible where it still has the id of the original. */
export function headersFor(
  id: string,
  text: string,
  { messageId }: Pick<MessageStatus, 'messageId'>,
  { 'content-type': type = '', soapaction }: ViewedContent['headers'],
): Readonly<Record<string, string>> {
  const own = MESSAGE_ID.exec(text)?.[2]?.trim();
  if (own !== undefined && own === messageId)
    throw impossible(`The copy still has the id ${own} of the original.`, 'an id of its own, as its draft has', 'text');
  return {
    'content-type': type,
    ...(soapaction !== undefined && { soapaction }),
    ...(own === undefined && { 'idempotency-key': `correction-${id}` }),
  };
}

export interface Target {
  readonly service: Service;
  readonly operation: Operation;
  /** IPA code. */
  readonly receiver: string;
}

/** Where the copy goes: where the original went. Throws correction-impossible. */
export function targetOf(message: MessageStatus, wanted: string | null, registry: Registry): Target {
  const { service: id, version } = message;
  const service = id === null || version === null ? undefined : registry.service(id, version);
  const operation = service?.operations.find(({ name }) => name === message.operation);
  if (!service || !operation) throw impossible('Its service or its operation is not known.', 'a service in force');
  if (operation.profile === 'query')
    throw impossible('Who has asked a question waits for its answer: only that system asks again.', 'a message');
  const went = message.deliveries.filter(({ kind }) => kind === 'message').map(({ receiver }) => receiver.participant);
  const receivers = went.length > 0 ? [...new Set(went)] : message.receiver === null ? [] : [message.receiver];
  const receiver = wanted === null && receivers.length === 1 ? receivers[0] : receivers.find((one) => one === wanted);
  if (receiver !== undefined) return { service, operation, receiver };
  throw impossible('It does not say for which receiver.', `receiver: one of ${receivers.join(', ')}`, 'receiver');
}

/** Over REST the copy goes where its operation is. Throws correction-impossible. */
export function requirePlainPath({ rest }: Operation, content: Buffer): void {
  if (isEnvelope(content) || !rest?.path.includes('{')) return;
  throw impossible('What stood in its address is not kept.', 'an operation without parameters in its path');
}

const impossible = (detail: string, expected: string, place = 'address') =>
  new Fault('correction-impossible', { detail, expected, place });
