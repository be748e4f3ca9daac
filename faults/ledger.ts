import { createWriteStream, readFileSync } from 'node:fs';
import { once } from 'node:events';

/** What a sender meant with a request. */
export type Intent = 'message' | 'repeat' | 'changed';

/** One request of a sender and what it was answered; status null: no answer came. Times are milliseconds since the epoch. */
export interface Sent {
  readonly id: string;
  readonly intent: Intent;
  readonly receiver: string;
  readonly conversation: string;
  readonly number: number;
  /** The agreement asks for the order of the conversation. */
  readonly isOrdered: boolean;
  /** SHA-256 of the content element. */
  readonly digest: string;
  readonly at: number;
  readonly ms: number;
  readonly status: number | null;
  readonly code: string | null;
  readonly gatewayId: string | null;
}

/** One request at a receiver. `taken`: it has had its effect, also where the answer was lost on purpose. */
export interface Got {
  readonly id: string;
  readonly receiver: string;
  readonly key: string;
  readonly conversation: string;
  readonly number: number;
  readonly digest: string;
  readonly at: number;
  readonly taken: boolean;
}

/** One message as the operators' API tells it at the end. */
export interface Told {
  readonly gatewayId: string;
  readonly id: string;
  readonly state: string;
  readonly deliveries: readonly { readonly receiver: string; readonly state: string }[];
}

/** One row of the journal, as the operators' API tells it. */
export interface Entry {
  readonly gatewayId: string;
  readonly event: string;
  readonly seq: number;
}

/** Everything that is known from outside. */
export interface Evidence {
  readonly sent: readonly Sent[];
  readonly got: readonly Got[];
  readonly told: readonly Told[];
  readonly journal: readonly Entry[];
  /** Queue -> messages that still lie in RabbitMQ. */
  readonly queues: Readonly<Record<string, number>>;
}

/** A ledger on disk, one JSON line a row; what is written is also kept in memory. */
export class Ledger<T> {
  readonly rows: T[] = [];
  private readonly stream;

  constructor(file: string) {
    this.stream = createWriteStream(file);
  }

  add(row: T): void {
    this.rows.push(row);
    // Where a run ends early, answers still come; why it ended is what must be told then.
    if (!this.stream.writableEnded) this.stream.write(`${JSON.stringify(row)}\n`);
  }

  async close(): Promise<void> {
    this.stream.end();
    await once(this.stream, 'close');
  }
}

export function readLedger<T>(file: string): readonly T[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}
