import { Fault } from '../message/fault.js';
import type { ReplyTo } from '../message/message.js';
import { readdressed } from '../exchange/answer-address.js';
import { callbackFor } from '../registry/callback.js';
import type { Registry } from '../registry/registry.js';
import { prefersLater } from './prefer.js';
import type { Resolved } from './stages.js';

/** Where the answer is pushed: only what is answered later has an answer that could be. */
export function replyToOf(resolved: Resolved): ReplyTo | null {
  const { replyTo, protocol, format } = resolved;
  return replyTo === null || !isAnsweredLater(resolved) ? null : { url: new URL(replyTo).href, protocol, format };
}

/** Asynchronous operations, and queries whose consumer asks for that (`Prefer: respond-async`). */
export const isAnsweredLater = ({
  operation: { profile },
  headers,
}: Pick<Resolved, 'operation' | 'headers'>): boolean =>
  profile === 'async-receipt' || profile === 'async-polled' || (profile === 'query' && prefersLater(headers));

/** Only to addresses that the sender has registered as its own. Throws reply-to-refused. */
export function requireReplyTo(resolved: Resolved, registry: Registry): void {
  const { caller, replyTo } = resolved;
  if (replyTo === null || !isAnsweredLater(resolved)) return;
  requireReaddressable(resolved);
  const callbacks = registry.system(caller.system)?.callbacks ?? [];
  if (callbackFor(replyTo, callbacks)) return;
  throw new Fault('reply-to-refused', {
    detail: `"${replyTo.slice(0, 200)}" is no registered callback of system ${caller.system}.`,
    place: 'X-ReplyTo or wsa:ReplyTo',
    expected:
      callbacks.map(({ url }) => `${url} or below`).join(', ') || 'no address, for the system has registered none',
  });
}

/** The provider is to answer by way of the gateway, also where the address stands in the envelope. */
function requireReaddressable({ document, content }: Resolved): void {
  const isWritten = document.xml?.envelope?.headers.some(({ name }) => name === 'X-ReplyTo') ?? false;
  if (!isWritten || readdressed(content, '') !== null) return;
  throw new Fault('parameter-wrong', {
    detail: 'The header block X-ReplyTo cannot be rewritten as it stands.',
    place: 'header block X-ReplyTo',
    expected: 'one block with plain text, no comment or CDATA before the Body, UTF-8; or the HTTP header X-ReplyTo',
  });
}
