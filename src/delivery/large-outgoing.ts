import type { PayloadStore } from '../acceptance/payloads.js';
import type { StoredContent } from '../message/content.js';
import { Fault } from '../message/fault.js';
import type { Message } from '../message/message.js';
import { relatedFrame } from '../protocol/mime/related.js';
import { decodeTransfer } from '../protocol/mime/transfer.js';
import type { Outgoing, Payload, Protocol } from '../protocol/protocol.js';
import type { BodyShape } from '../registry/model.js';
import { largeBody, type LargeBody, type Written } from './large-body.js';

type Reads = Pick<PayloadStore, 'read'>;

/** The original bytes; `changed` may write the document anew (null: it stays). */
export async function wholeOf(
  stored: StoredContent,
  store: Reads,
  changed: ((root: Buffer) => Buffer | null) | null,
): Promise<LargeBody> {
  const { root, size } = stored;
  const isPlain = root && ['7bit', '8bit', 'binary', null].includes(root.encoding);
  const anew = isPlain && changed ? changed(await rootOf(stored, store)) : null;
  if (!root || !anew) return largeBody(stored, [{ from: 0, to: size }], store);
  return largeBody(stored, [{ from: 0, to: root.span.from }, anew, { from: root.span.to, to: size }], store);
}

/** The payload of the document, without the parts beside it. Throws mediation-failed where it is not one of its own. */
export async function rootPayload(stored: StoredContent, protocol: Protocol, store: Reads): Promise<Payload> {
  const { root } = stored;
  if (!root) throw originalOnly('The body is opaque');
  if (/^\s*application\/xop\+xml/i.test(root.contentType))
    throw originalOnly('Parts stand in for what the document holds');
  return protocol.payload({ 'content-type': root.contentType }, await rootOf(stored, store));
}

async function rootOf({ id, root }: StoredContent, store: Reads): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const { from, to } = root!.span;
  for await (const piece of store.read(id, from, to)) pieces.push(piece);
  return decodeTransfer(Buffer.concat(pieces), root!.encoding ?? undefined, 1);
}

/** An envelope written anew, and the parts that came with the old one. Throws mediation-failed where nothing can carry them. */
export function besideParts(
  shape: BodyShape,
  written: Outgoing,
  { id }: Message,
  stored: StoredContent,
  store: Reads,
): Written {
  const { parts } = stored;
  if (parts.length === 0) return written;
  if (shape !== 'soap11' && shape !== 'soap12')
    throw new Fault('mediation-failed', {
      detail: `Message ${id} has ${parts.length} attachments, which only SOAP can carry.`,
      place: 'attachments',
      expected: 'none',
    });
  const rootType = written.headers['content-type'] ?? '';
  const frame = relatedFrame({ boundary: `crocevia-${id}`, rootType, type: rootType.split(';', 1)[0]! });
  const segments = parts.flatMap((part) => [frame.part(part), part.span]);
  return {
    headers: { ...written.headers, 'content-type': frame.contentType },
    body: largeBody(stored, [frame.root, written.body, ...segments, frame.end], store),
  };
}

const originalOnly = (why: string) =>
  new Fault('mediation-failed', {
    detail: `${why}: it can be delivered as it came only.`,
    place: 'content',
    expected: 'original',
  });
