import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { beginAnew, Conversations, type Conversation } from './conversations.js';
import type { Intent, Ledger, Sent } from './ledger.js';
import type { Random } from './random.js';
import { ACTION, contentOf, digestOf, envelopeOf, keyOf, speaksSoap } from './world.js';

export interface LoadOrder {
  readonly perSecond: number;
  /** Infinity: until the sender is told to end. */
  readonly messages: number;
  /** How long it goes on after the last fault. */
  readonly tailSeconds: number;
}

interface Parcel {
  readonly id: string;
  readonly sender: string;
  readonly receiver: string;
  readonly conversation: string;
  readonly number: number;
  readonly isOrdered: boolean;
  readonly isNumbered: boolean;
  readonly content: string;
}

const GIVE_UP_MS = 60_000;
const ANSWER_MS = 10_000;
/** The first wait before a repetition; it doubles up to the last one, and half of it is random. */
const AGAIN_MS = { first: 200, last: 3_000 };
const KEPT = 200;
const AT_ONCE = 10;
const REPEATED_ONCE_IN = 50;
/** Size of the text in KiB, and of a hundred messages how many have it. */
const SIZES = [
  [2, 80],
  [20, 18],
  [256, 2],
] as const;

/**
 * Open-loop load: a message goes out when its time has come, whatever has become of those before it; where its conversation has an
 * order, when the one before it is answered too.
 */
export class Senders {
  private readonly agent = new Agent({ connections: 256, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS });
  private readonly under = new Set<Promise<void>>();
  private readonly conversations: Conversations;
  /** The last ones that were accepted. */
  private readonly recent: Parcel[] = [];
  private readonly ended = new AbortController();

  constructor(
    private readonly urls: readonly string[],
    private readonly ledger: Ledger<Sent>,
    private readonly random: Random,
  ) {
    this.conversations = new Conversations(random);
  }

  /** Resolves when the last message has gone out; `settled` waits for their answers. */
  async run({ perSecond, messages }: LoadOrder): Promise<void> {
    const begun = performance.now();
    for (let n = 0; n < messages && !this.ended.signal.aborted; n++) {
      const early = (n / perSecond) * 1_000 - (performance.now() - begun);
      // Who is late sends several in one turn of the event loop: one a turn would send the fewer, the busier the machine is.
      if (early > 0 || n % AT_ONCE === 0) await pause(Math.max(0, early));
      const one = this.continue(this.conversations.next()).finally(() => this.under.delete(one));
      this.under.add(one);
    }
  }

  /** Sends messages that were accepted before again, each to all gateways at once. */
  async replay(count: number): Promise<void> {
    const again = this.recent.slice(-count);
    await Promise.all(again.flatMap((parcel) => this.urls.map((_url, turn) => this.ask(parcel, 'repeat', turn))));
  }

  end(): void {
    this.ended.abort();
  }

  async settled(): Promise<void> {
    while (this.under.size > 0) await Promise.all(this.under);
    await this.agent.close();
  }

  private continue(conversation: Conversation): Promise<void> {
    if (!conversation.isOrdered) return this.send(this.parcel(conversation)).then(() => undefined);
    return (conversation.turn = conversation.turn.then(async () => {
      if (!(await this.send(this.parcel(conversation)))) beginAnew(conversation);
    }));
  }

  private parcel(from: Conversation): Parcel {
    const number = ++from.number;
    const { id: conversation, sender, receiver, isOrdered, isNumbered } = from;
    const content = contentOf(conversation, number, this.text());
    return {
      id: `urn:uuid:${randomUUID()}`,
      sender,
      receiver,
      conversation,
      number,
      isOrdered,
      isNumbered,
      content,
    };
  }

  private text(): string {
    let left = this.random.whole(1, 100);
    const [kib] = SIZES.find(([, share]) => (left -= share) <= 0) ?? SIZES[0];
    return 'testo '.repeat((kib * 1024 - 300) / 6);
  }

  /** The same message again until it is answered for good, as an orderly sender does; now and then once too often. False: given up. */
  private async send(parcel: Parcel): Promise<boolean> {
    const begun = Date.now();
    let turn = this.random.whole(0, this.urls.length - 1);
    for (let again = AGAIN_MS.first; ; again = Math.min(2 * again, AGAIN_MS.last)) {
      const status = await this.ask(parcel, 'message', turn++);
      if (status !== null && status < 500 && status !== 429) break;
      if (Date.now() - begun > GIVE_UP_MS) return false;
      await pause(this.random.whole(again / 2, again));
    }
    this.recent.push(parcel);
    if (this.recent.length > KEPT) this.recent.shift();
    if (!this.random.onceIn(REPEATED_ONCE_IN)) return true;
    await this.ask(parcel, 'repeat', turn);
    await this.ask({ ...parcel, content: contentOf(parcel.conversation, parcel.number, 'un altro') }, 'changed', turn);
    return true;
  }

  private async ask(parcel: Parcel, intent: Intent, turn: number): Promise<number | null> {
    const { id, receiver, conversation, number, isOrdered, content } = parcel;
    const at = Date.now();
    const { status, code, gatewayId } = await this.post(parcel, this.urls[turn % this.urls.length]!);
    const ms = Date.now() - at;
    const digest = digestOf(content);
    this.ledger.add({ id, intent, receiver, conversation, number, isOrdered, digest, at, ms, status, code, gatewayId });
    return status;
  }

  private async post(
    { id, sender, receiver, conversation, number, isNumbered, content }: Parcel,
    url: string,
  ): Promise<Pick<Sent, 'status' | 'code' | 'gatewayId'>> {
    const isSoap = speaksSoap(receiver);
    const path = isSoap ? `/soap/${receiver}/v1/Avviso` : `/rest/${receiver}/v1/Avviso/avvisi`;
    const own: Record<string, string> = isSoap
      ? { 'content-type': 'text/xml; charset=utf-8', soapaction: ACTION }
      : { 'content-type': 'application/xml', 'idempotency-key': id };
    const place = { 'x-conversation-id': conversation, ...(isNumbered && { 'x-sequence-number': String(number) }) };
    const headers = { ...own, ...place, 'x-api-key': keyOf(sender) };
    const body = isSoap ? envelopeOf(id, content) : content;
    try {
      const answer = await request(`${url}${path}`, { method: 'POST', headers, body, dispatcher: this.agent });
      const text = await answer.body.text();
      const code =
        /duplicate-conflict|store-unavailable|overloaded|stopping|[a-z]+-[a-z-]+(?=")/.exec(text)?.[0] ?? null;
      const status = faultStatus(answer.statusCode, text);
      return { status, code: status < 300 ? null : code, gatewayId: String(answer.headers['x-gateway-id'] ?? '') };
    } catch {
      return { status: null, code: null, gatewayId: null };
    }
  }
}

/** SOAP 1.1 tells every fault with 500: what is inside says whether it is final. */
function faultStatus(status: number, text: string): number {
  return status === 500 && text.includes('duplicate-conflict') ? 409 : status;
}
