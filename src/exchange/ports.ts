import type { Message } from '../message/message.js';

/** The ledger as asynchronous exchanges see it. Throws Fault store-unavailable. */
export interface Exchanges {
  /** The asynchronous message `id` where the system is one of its receivers; else null. */
  askedOf(system: string, id: string): Promise<Message | null>;
  /** The answers to messages (gateway ids), by the id of the message; of several receivers the first that answered. */
  answersTo(ids: readonly string[]): Promise<ReadonlyMap<string, Message>>;
  /**
   * The polled messages of one participant to another (IPA codes) that go by a name: the gateway's id, the sender's, or the
   * correlation id. At most 100, those with the sender's id first, then the newest.
   */
  polledBy(name: string, of: PolledMessages): Promise<readonly Message[]>;
  /** Original bytes; null where purged. */
  content(id: string): Promise<Buffer | null>;
}

export interface PolledMessages extends Pick<Message, 'service' | 'version' | 'operation'> {
  readonly sender: string;
  readonly receiver: string;
}
