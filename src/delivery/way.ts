import type { QueueItem } from '../acceptance/ports.js';
import { isSoap } from '../message/message.js';
import { callbackFor } from '../registry/callback.js';
import type { OutcomeRule, Receives, RetryRule, System } from '../registry/model.js';

/** How an item leaves to a system. */
export type Way = { readonly retry: RetryRule } & (
  | { readonly channel: 'box' | 'amqp-queue' }
  /** A query that is answered later. */
  | { readonly channel: 'endpoint'; readonly timeoutMs: number }
  | {
      readonly channel: 'push-soap' | 'push-rest';
      readonly url: string;
      readonly timeoutMs: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly outcomes?: readonly OutcomeRule[];
      readonly gzip?: boolean;
    }
);

/** Milliseconds that a content over a MiB may take more than a small one: a second for each 256 KiB. */
export const carriageMs = (bytes: number): number => Math.max(0, bytes - 1_048_576) / 256;

/** Of receipts and answers, which have no rule of their own. */
const RETRY = { attempts: 8, firstDelayMs: 5_000, maxDelayMs: 1_800_000 };

/**
 * The way that the registry knows now; null where there is none. Receipts go to the endpoint registered for them, answers to the
 * callback that covers their address, whatever way the system receives messages.
 */
export function wayOf({ delivery, message }: Pick<QueueItem, 'delivery' | 'message'>, receiver: System): Way | null {
  const { receives, receiptsTo, callbacks } = receiver;
  const retry = receives?.retry ?? RETRY;
  if (delivery.kind === 'receipt' && receiptsTo) return { channel: 'push-rest', retry, ...receiptsTo };
  if (delivery.kind === 'receipt') return receives;
  if (message.profile === 'query') return endpointWay(message, receiver);
  if (message.profile !== 'answer') return receives;
  const callback = message.replyTo && callbackFor(message.replyTo.url, callbacks);
  return callback && { channel: channelFor(message), retry, ...callback };
}

function endpointWay({ service, version }: QueueItem['message'], { provides }: System): Way | null {
  const provided = provides.find((one) => one.service === service && one.version === version);
  return provided?.endpoint ? { channel: 'endpoint', retry: RETRY, timeoutMs: provided.endpoint.timeoutMs } : null;
}

const channelFor = ({ replyTo }: QueueItem['message']): Extract<Receives['channel'], 'push-soap' | 'push-rest'> =>
  isSoap(replyTo?.protocol) ? 'push-soap' : 'push-rest';
