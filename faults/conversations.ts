import type { Random } from './random.js';
import { ORDERED, RECEIVERS, SENDERS } from './world.js';

/** What one sender has to say to one receiver, message after message. */
export interface Conversation {
  readonly sender: string;
  readonly receiver: string;
  /** The agreement asks for order: each message waits until the one before it is answered. */
  readonly isOrdered: boolean;
  /** The sender numbers its messages itself. */
  readonly isNumbered: boolean;
  id: string;
  /** Of the last message. */
  number: number;
  /** Resolves when the last message that was given to it is answered. */
  turn: Promise<void>;
}

const CONVERSATIONS = 500;
/** Messages that follow one another in one conversation, so that there is something to overtake. */
const RUN = 3;

/** The conversations of the load; half of them have an order, half of these are numbered by their sender. */
export class Conversations {
  private readonly all = Array.from({ length: CONVERSATIONS }, (_, place) => conversationAt(place));
  private left = 0;
  private current = this.all[0]!;

  constructor(private readonly random: Random) {}

  /** The conversation of the next message. */
  next(): Conversation {
    if (this.left === 0) [this.current, this.left] = [this.random.pick(this.all), RUN];
    this.left--;
    return this.current;
  }
}

function conversationAt(place: number): Conversation {
  const sender = SENDERS[place % SENDERS.length]!;
  const isOrdered = ORDERED.includes(sender);
  const isNumbered = isOrdered && Math.floor(place / RECEIVERS.length) % 2 === 0;
  const receiver = RECEIVERS[place % RECEIVERS.length]!;
  return { sender, receiver, isOrdered, isNumbered, id: `c${place}`, number: 0, turn: Promise.resolve() };
}

/** Whether a message was taken is not known: what follows it cannot be put in order after it. */
export function beginAnew(conversation: Conversation): void {
  conversation.id += '+';
  conversation.number = 0;
}
