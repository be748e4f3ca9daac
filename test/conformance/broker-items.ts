import { randomUUID } from 'node:crypto';
import type { QueueItem } from '../../src/acceptance/ports.js';

/** A queue item for a system, whole and with a fresh id. */
export function itemFor(system: string, over: Partial<QueueItem> = {}): QueueItem {
  const deliveryId = over.deliveryId ?? randomUUID();
  const messageId = over.messageId ?? randomUUID();
  return {
    deliveryId,
    messageId,
    epoch: 3,
    delivery: {
      kind: 'message',
      receiver: { participant: 'c_i804', system },
      agreement: 'sulmona-pratola-variazioni',
      attempts: 0,
      expiresAt: new Date('2026-12-01T08:30:00.125Z'),
      receipt: null,
    },
    message: {
      id: messageId,
      messageId: 'urn:uuid:7b0a4f9e-9f7e-4a55-8a3c-1a0c3c0d6c11',
      correlationId: 'pratica-2026-0042',
      relatesTo: null,
      replyTo: null,
      sender: { participant: 'c_g878', system: 'pratola-anagrafe' },
      service: 'notifica-variazione-anagrafica',
      version: 1,
      operation: 'notifica',
      profile: 'one-way',
      protocol: 'soap11',
      format: 'xml',
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '"urn:notifica"' },
      digest: 'a'.repeat(64),
      size: 12,
      acceptedAt: new Date('2026-11-23T21:04:05.678Z'),
    },
    content: Buffer.from('<variazione/>'),
    ...over,
  };
}

/** A name that no other test uses. */
export function freshSystem(stem: string): string {
  return `${stem}-${randomUUID().slice(0, 8)}`;
}

/** A value that arrives later, for waiting without sleeping. */
export function gate<T = void>(): { readonly opened: Promise<T>; readonly open: (value: T) => void } {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open };
}

/** Collects values and lets a test wait until there are enough. */
export class Seen<T> {
  readonly values: T[] = [];
  private readonly waiters: { readonly enough: (values: T[]) => boolean; readonly resolve: () => void }[] = [];

  add(value: T): void {
    this.values.push(value);
    for (const waiter of [...this.waiters]) {
      if (!waiter.enough(this.values)) continue;
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      waiter.resolve();
    }
  }

  async until(enough: (values: T[]) => boolean): Promise<T[]> {
    if (!enough(this.values)) await new Promise<void>((resolve) => this.waiters.push({ enough, resolve }));
    return this.values;
  }

  count(n: number): Promise<T[]> {
    return this.until((values) => values.length >= n);
  }
}
