import { v7 } from 'uuid';
import type { Broker } from '../../src/broker/broker.js';
import { openInProcess } from '../../src/broker/in-process.js';
import { openRabbit } from '../../src/broker/rabbit/rabbit.js';
import { Fault } from '../../src/message/fault.js';
import type { QueryHandler, QueryItem, QueryOutcome, QueryServer } from '../../src/query/ports.js';
import { freshSystem, gate, itemFor, Seen } from './broker-items.js';

/** A question for a system, whole and with a fresh id, that ends after `ms`. */
export function questionFor(system: string, over: { readonly content?: Buffer; readonly ms?: number } = {}): QueryItem {
  const { message } = itemFor(system);
  return {
    message: { ...message, id: v7(), profile: 'query' },
    receiver: { participant: 'c_i804', system },
    agreement: 'sulmona-pratola-variazioni',
    target: { method: 'POST', path: '/residenti/è', query: 'anno=2026&x=%20', headers: {} },
    content: over.content ?? Buffer.from('{"cf":"RSSMRA80A01G878X"}'),
    deadline: new Date(Date.now() + (over.ms ?? 30_000)),
  };
}

export function answer(body: Buffer, headers: Record<string, string> = {}): QueryOutcome {
  return { kind: 'answered', status: 200, headers, body, timing: { queued: 0, called: 0 } };
}

/** Says back what it was asked. */
export const echo: QueryHandler = async (item) => answer(item.content);

/** A signal that never fires. */
export const patient = () => new AbortController().signal;

/** A handler that answers when it is let go, and what it has begun. */
export class HeldHandler {
  readonly begun = new Seen<QueryItem>();
  readonly signals: AbortSignal[] = [];
  most = 0;
  private now = 0;
  private readonly gate = gate();

  readonly handle: QueryHandler = async (item, signal) => {
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    this.signals.push(signal);
    this.begun.add(item);
    await this.gate.opened;
    // A turn of the event loop, so that one that begins too early would be seen beside this one.
    await new Promise((resolve) => setImmediate(resolve));
    this.now -= 1;
    return answer(item.content);
  };

  release(): void {
    this.gate.open();
  }

  get ids(): string[] {
    return this.begun.values.map((item) => item.message.id);
  }
}

/** Both brokers, by their name; RabbitMQ at what `url` gives when one is opened. */
export const brokerKinds = (url: () => string): [string, () => Promise<Broker>][] => [
  ['in-process', () => Promise.resolve(openInProcess())],
  ['rabbitmq', () => openRabbit({ urls: [url()], owner: 'conformance' })],
];

/** Begins to serve fresh systems, each with the same bounds. */
export async function serveFresh(server: QueryServer, stems: string[], concurrency: number, waiting: number) {
  const systems = stems.map(freshSystem);
  await server.serve(systems.map((system) => ({ system, concurrency, waiting })));
  return systems as [string, ...string[]];
}

export const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof Fault ? error.code : error),
  );
