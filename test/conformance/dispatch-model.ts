import { END_STATES, type DeliveryState } from '../../src/message/delivery.js';
import { LOST } from './lifecycle-model.js';

/** What the registry says of the way to the system; `moved`: another address; `missing`: none; `gone`: the system itself is not there. */
export type Rule =
  'open' | 'moved' | 'paused' | 'missing' | 'gone' | 'receiver-suspended' | 'sender-suspended' | 'agreement';
/** What a call of the receiver comes to; only `away` and `certificate` count for the circuit. */
export type Answer = 'delivered' | 'available' | 'refused' | 'error' | 'away' | 'certificate' | 'forbidden';

/** What happens to the deliveries of one system, on one of two nodes; `pick` counts from what came last. */
export type Happening =
  /** The relay lets go whose turn it is and puts what it is given into the queue. */
  | { readonly what: 'take'; readonly node: 0 | 1; readonly isMarked: boolean }
  /** A dispatcher gets a copy from the queue; `keeps`: the broker will offer the same copy again. */
  | {
      readonly what: 'offer';
      readonly node: 0 | 1;
      readonly pick: number;
      readonly keeps: boolean;
      readonly answer: Answer | 'hangs';
    }
  /** A call that has hung until now. */
  | { readonly what: 'answer'; readonly pick: number; readonly answer: Answer }
  /** Without what it had in memory and under way. */
  | { readonly what: 'restart' | 'follow'; readonly node: 0 | 1 }
  | { readonly what: 'change'; readonly to: Rule }
  /** The pause of the circuit is over; `isAll`: also those that dispatchers remember, which may be of an earlier time. */
  | { readonly what: 'over'; readonly isAll: boolean }
  /** Dispatchers' leases are over; the broker has lost the queue; operators send what waits. */
  | { readonly what: 'lapse' | 'unpublish' | 'release' }
  /** `isLater`: also the times are over for which something rests. */
  | { readonly what: 'sweep'; readonly isLater: boolean }
  /** `age`: the agreement's time is over. */
  | { readonly what: 'age' | 'cancel' | 'retry' | 'acknowledge'; readonly at: number };

export type Of<W extends Happening['what']> = Happening & { readonly what: W };

/** Deliveries of one conversation, and those that go when they can. */
export const ORDERED = 3;
const FREE = 2;
export const TRIES = 6;
const LOST_TRIES = 3;
const IN_A_ROW = 5;

interface Part {
  state: DeliveryState;
  epoch: number;
  attempts: number;
  /** Attempts before it was sent anew. */
  before: number;
  held: boolean;
  isPublished: boolean;
  isOld: boolean;
  /** Until when it rests. */
  next: 'none' | 'now' | 'soon' | 'retry' | 'quarter' | 'circuit';
  fault: string | null;
}

interface Copy {
  readonly at: number;
  readonly epoch: number;
  readonly isProbe: boolean;
}

interface Call extends Copy {
  readonly node: 0 | 1;
  readonly revision: number;
}

/** A dispatcher: `spares` is what it has in memory of the circuit. */
interface Node {
  rule: Rule;
  revision: number;
  failures: number;
  spares: 'none' | 'now' | 'over';
}

/** Deliveries, circuit, dispatchers and queue as blueprint §4 has them, written anew and from the outside. */
export class Model {
  readonly parts: readonly Part[] = Array.from({ length: ORDERED + FREE }, (_, n) => born(n < ORDERED));
  /** As all nodes see it: how often the system has failed as a probe, and once. */
  circuit: { breaks: number; isOver: boolean } | null = null;
  /** A probe is on its way: for half a minute no other one goes. */
  private isProbing = false;
  /** Seconds for which the system was spared, each time; null: as long as it was. */
  readonly pauses: (number | null)[] = [];
  rule: Rule = 'open';
  revision = 0;
  nodes: readonly [Node, Node] = [node(), node()];
  readonly copies: Copy[] = [];
  calls: Call[] = [];

  /** `given`: which deliveries the relay got. Throws where that was none of what it may get. */
  after(event: Happening, given: readonly number[]): void {
    (this.rules[event.what] as (event: Happening, given: readonly number[]) => void)(event, given);
  }

  private readonly rules: { readonly [W in Happening['what']]: (event: Of<W>, given: readonly number[]) => void } = {
    take: ({ isMarked }, given) => this.take(isMarked, given),
    offer: ({ node, pick, keeps, answer }) => {
      const copy = picked(this.copies, pick, keeps);
      if (copy) this.offer(node, copy, answer);
    },
    answer: ({ pick, answer }) => {
      const call = picked(this.calls, pick, false);
      if (call) this.answer(call, answer);
    },
    restart: ({ node: at }) => {
      Object.assign(this.nodes[at], { ...node(), rule: this.rule, revision: this.revision });
      this.calls = this.calls.filter((call) => call.node !== at);
    },
    follow: ({ node }) => this.follow(this.nodes[node]),
    change: ({ to }) => void Object.assign(this, { rule: to, revision: this.revision + 1 }),
    over: ({ isAll }) => {
      if (this.circuit) this.circuit.isOver = true;
      if (!isAll) return;
      for (const node of this.nodes) if (node.spares === 'now') node.spares = 'over';
    },
    lapse: () => this.parts.filter(({ state }) => state === 'DELIVERING').forEach(requeued),
    unpublish: () => this.parts.filter(({ state, isPublished }) => state === 'QUEUED' && isPublished).forEach(requeued),
    release: () => this.parts.filter(({ state }) => state === 'WAITING_RETRY').forEach(requeued),
    sweep: ({ isLater }) => {
      this.parts.filter((part) => rests(part) && (isLater || part.next === 'now')).forEach(requeued);
      for (const part of this.parts)
        if (part.isOld && !isOver(part) && part.state !== 'DELIVERING') into(part, 'EXPIRED', 'delivery-expired');
    },
    age: ({ at }) => void (this.parts[at]!.isOld = true),
    cancel: ({ at }) => {
      const part = this.parts[at]!;
      if (isOver(part) || part.state === 'DELIVERING') return;
      into(part, 'CANCELLED', null);
      part.epoch++;
    },
    retry: ({ at }) => {
      const part = this.parts[at]!;
      if (!LOST.includes(part.state)) return;
      requeued(part);
      Object.assign(part, { before: part.attempts, isOld: false, held: at < ORDERED });
    },
    acknowledge: ({ at }) => {
      const part = this.parts[at]!;
      if (['AVAILABLE', 'DELIVERING', ...LOST].includes(part.state)) into(part, 'DELIVERED', null);
    },
  };

  /** Of a system that is spared none goes, and one when its time is over, of which nobody says which. */
  private take(isMarked: boolean, given: readonly number[]): void {
    this.advance();
    const ready = this.parts.flatMap((part, at) =>
      part.state === 'QUEUED' && !part.isPublished && !part.held ? at : [],
    );
    const room = this.circuit === null ? ready.length : Number(this.circuit.isOver);
    expect(given.length).toBe(Math.min(ready.length, room));
    expect(ready).toEqual(expect.arrayContaining([...given]));
    for (const at of given) {
      const part = this.parts[at]!;
      this.copies.push({ at, epoch: part.epoch, isProbe: this.circuit !== null });
      if (isMarked) part.isPublished = true;
    }
    if (this.circuit && given.length > 0) [this.circuit.isOver, this.isProbing] = [false, true];
  }

  private advance(): void {
    const open = this.parts.slice(0, ORDERED).filter((part) => !isOver(part));
    const [head] = open;
    if (!head || open.some(({ held }) => !held)) return;
    head.held = false;
    if (head.epoch === 0) head.fault = null;
  }

  private offer(at: 0 | 1, copy: Copy, answer: Answer | 'hangs'): void {
    const node = this.nodes[at];
    const part = this.parts[copy.at]!;
    const isCurrent = part.state === 'QUEUED' && part.epoch === copy.epoch;
    const reason = REASONS[node.rule] ?? (this.isSpared(node, copy) ? 'circuit-open' : null);
    if (reason !== null) {
      if (isCurrent) into(part, 'SUSPENDED', reason, reason === 'circuit-open' ? this.pause() : 'quarter');
      return;
    }
    if (!isCurrent) return;
    into(part, 'DELIVERING', null);
    part.epoch++;
    part.attempts++;
    if (part.isOld) return into(part, 'EXPIRED', 'delivery-expired');
    if (part.attempts - part.before > TRIES + LOST_TRIES) return into(part, 'FAILED', 'delivery-abandoned');
    const call = { ...copy, epoch: part.epoch, node: at, revision: node.revision };
    if (answer === 'hangs') this.calls.push(call);
    else this.answer(call, answer);
  }

  /** What a node remembers is worth no more than what the ledger says. */
  private isSpared(node: Node, { isProbe }: Copy): boolean {
    if (isProbe || node.spares !== 'now') return false;
    if (this.circuit === null) Object.assign(node, { spares: 'none', failures: 0 });
    return this.circuit?.isOver === false;
  }

  private readonly pause = () => (this.isProbing ? 'soon' : 'circuit');

  private answer({ at, epoch, node: on, isProbe, revision }: Call, answer: Answer): void {
    const node = this.nodes[on];
    const part = this.parts[at]!;
    this.note(node, isProbe, answer === 'away' || answer === 'certificate');
    const burnsNothing = answer === 'certificate' || answer === 'forbidden';
    if (part.state === 'DELIVERING' && part.epoch === epoch) {
      const isLast = part.attempts - part.before >= TRIES;
      const { to, fault } = OUTCOMES[answer];
      if (to === 'WAITING_RETRY') into(part, isLast ? 'FAILED' : to, fault, isLast ? 'none' : 'retry');
      else into(part, to, fault, RESTS[answer] ?? 'none');
      if (burnsNothing) part.attempts--;
    }
    if (burnsNothing && revision !== node.revision) this.lookAgain(node);
  }

  private note(node: Node, isProbe: boolean, isAway: boolean): void {
    node.failures = isAway ? node.failures + 1 : 0;
    if (isAway && (isProbe || node.failures >= IN_A_ROW)) this.open(node, isProbe);
    if (!isAway && (isProbe || node.spares !== 'none')) [node.spares, this.circuit] = ['none', null];
  }

  /** A circuit that is open stays as it is, unless a probe has failed. */
  private open(node: Node, isProbe: boolean): void {
    const breaks = this.circuit?.breaks ?? 0;
    if (isProbe || !this.circuit) {
      this.pauses.push(Math.min(60, 5 * 2 ** breaks));
      this.circuit = { breaks: breaks + 1, isOver: false };
    } else this.pauses.push(null);
    if (!this.circuit.isOver) this.isProbing = false;
    node.spares = this.circuit.isOver ? 'over' : 'now';
  }

  private follow(node: Node): void {
    if (node.revision === this.revision) return;
    // Of a system that comes anew nothing is remembered, but for a call that ended after it had gone.
    if (node.rule !== 'gone' && wayOf(node.rule) !== wayOf(this.rule)) {
      Object.assign(node, { failures: 0, spares: 'none' });
      this.circuit = null;
    }
    Object.assign(node, { rule: this.rule, revision: this.revision });
    this.lookAgain(node);
  }

  private lookAgain({ rule }: Node): void {
    if (rule === 'paused' || rule === 'receiver-suspended') return;
    for (const part of this.parts) if (part.state === 'SUSPENDED') part.next = 'now';
  }
}

const born = (held: boolean): Part => ({
  state: 'QUEUED',
  epoch: 0,
  attempts: 0,
  before: 0,
  held,
  isPublished: false,
  isOld: false,
  next: 'none',
  fault: null,
});
const node = (): Node => ({ rule: 'open', revision: 0, failures: 0, spares: 'none' });

const isOver = ({ state }: Part) => END_STATES.includes(state);
const rests = ({ state }: Part) => state === 'WAITING_RETRY' || state === 'SUSPENDED';
const into = (part: Part, state: DeliveryState, fault: string | null, next: Part['next'] = 'none') =>
  void Object.assign(part, { state, next, fault: fault ?? part.fault });
const requeued = (part: Part) =>
  void Object.assign(part, { state: 'QUEUED', next: 'none', epoch: part.epoch + 1, isPublished: false });

/** What is under a rule of the registry is the system's own document, or another's. */
export const wayOf = (rule: Rule) => (rule === 'sender-suspended' || rule === 'agreement' ? 'open' : rule);

const REASONS: Partial<Record<Rule, string>> = {
  paused: 'receiver-paused',
  'receiver-suspended': 'receiver-paused',
  missing: 'destination-missing',
  gone: 'destination-missing',
  'sender-suspended': 'participant-suspended',
  agreement: 'agreement-suspended',
};

const OUTCOMES: Readonly<Record<Answer, { readonly to: DeliveryState; readonly fault: string | null }>> = {
  delivered: { to: 'DELIVERED', fault: null },
  available: { to: 'AVAILABLE', fault: null },
  refused: { to: 'FAILED', fault: 'receiver-refused' },
  error: { to: 'WAITING_RETRY', fault: 'receiver-error' },
  away: { to: 'WAITING_RETRY', fault: 'receiver-unreachable' },
  certificate: { to: 'SUSPENDED', fault: 'certificate-expired' },
  forbidden: { to: 'SUSPENDED', fault: 'destination-forbidden' },
};

const RESTS: Partial<Record<Answer, Part['next']>> = { certificate: 'soon', forbidden: 'quarter' };

/** Takes one out, but for what is kept. */
export function picked<T>(all: T[], pick: number, keeps: boolean): T | undefined {
  if (all.length === 0) return undefined;
  const at = all.length - 1 - (pick % all.length);
  return keeps ? all[at] : all.splice(at, 1)[0];
}
