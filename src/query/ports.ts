import type { KeptKeys } from '../message/business-key.js';
import type { FaultRecord } from '../message/fault.js';
import type { Message, Party } from '../message/message.js';

/** A question on its way to the system that answers it. */
export interface QueryItem {
  /** The facts; its `id` names the question, UUIDv7. */
  readonly message: Message;
  readonly receiver: Party;
  readonly agreement: string;
  readonly target: QueryTarget;
  /** The original bytes, whatever their size. */
  readonly content: Buffer;
  /** After it nobody waits for the answer. */
  readonly deadline: Date;
  /** Id of the data key under which target and content are encrypted; absent: they are not. */
  readonly sealed?: string;
}

/** What of the request goes on beside its body. */
export interface QueryTarget {
  readonly method: string;
  /** Below the service, with its leading slash, each segment decoded; empty for SOAP. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the answering system said, or why there is no answer. */
export type QueryOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
      /** As in the question. */
      readonly sealed?: string;
      readonly timing: QueryTiming;
    }
  | { readonly kind: 'failed'; readonly fault: FaultRecord; readonly timing: QueryTiming };

/** Milliseconds; by the clocks of the asking (`queued`: until a dispatcher took it) and of the answering process. */
export interface QueryTiming {
  readonly queued: number;
  readonly called: number;
  /** Each call of the provider, without the pauses between them; absent where there was one at most. */
  readonly attempts?: readonly number[];
  /** How long the first call had been silent when a second one was sent beside it; absent where none was. */
  readonly hedge?: number;
}

export type Answered = Extract<QueryOutcome, { readonly kind: 'answered' }>;

/**
 * An answer that came when nobody waited any more: after the deadline, or for a process that is gone. A failure that comes
 * so late is none.
 */
export interface LateAnswer {
  /** The question's id. */
  readonly id: string;
  readonly outcome: Answered;
}

/**
 * Takes questions to the queue of the answering system and brings the outcome back to the process that asks. Nothing of
 * it is durable: a question that is lost ends at its deadline, and the consumer asks again.
 */
export interface QueryBroker {
  /**
   * Resolves with the outcome. Rejects with Fault query-timeout at the deadline, receiver-overloaded at once where the
   * system's queue is full or nobody serves it, broker-unavailable where the broker is away, stopping after `close`; with the
   * signal's reason where it is aborted: a question that no dispatcher has taken is then not handed out, and a call is ended.
   */
  ask(item: QueryItem, signal: AbortSignal): Promise<QueryOutcome>;
  /** May be called once. What is past its deadline, or is known to be withdrawn, is dropped and not handed out. */
  server(handler: QueryHandler): QueryServer;
  onLate(listener: (late: LateAnswer) => void): void;
}

/**
 * Never rejects: what goes wrong is an outcome. The signal is aborted at the deadline and when the question is
 * withdrawn. Over RabbitMQ a withdrawal may be lost: the call then goes on until the deadline.
 */
export type QueryHandler = (item: QueryItem, signal: AbortSignal) => Promise<QueryOutcome>;

export interface QueryServer {
  /**
   * Serves the queue of each system with at most `concurrency` questions in the handler's hands and at most `waiting`
   * in the queue. Called again with another list it adds, changes and removes.
   */
  serve(systems: readonly ServedSystem[]): Promise<void>;
}

export interface ServedSystem {
  readonly system: string;
  readonly concurrency: number;
  readonly waiting: number;
}

/** A question in the queue that a system reads itself. */
export interface QueuedQuestion {
  readonly id: string;
  /** Lower-case names; `content-type` becomes the property of that name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** It leaves the queue then. */
  readonly deadline: Date;
}

/** What came to this process as an answer; nothing of it is verified but what RabbitMQ itself verifies. */
export interface QueuedAnswer {
  /** Whose reply address it came to. */
  readonly system: string;
  /** RabbitMQ user that published it; null where the publisher does not say. */
  readonly user: string | null;
  /** The question's id; empty where it names none. */
  readonly id: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The queues from which systems take their questions themselves, and where their answers come in. */
export interface QuestionQueues {
  /**
   * Resolves when the broker has taken the question. Rejects with Fault receiver-overloaded where nobody reads the queue,
   * broker-unavailable where the broker is away, destination-missing where it has no such queues.
   */
  put(system: string, question: QueuedQuestion): Promise<void>;
  /** Called with every answer that comes to this process, also when a connection was lost in between. */
  onAnswer(listener: (answer: QueuedAnswer) => void): void;
}

/** A message whose original bytes are kept. */
export interface Kept {
  readonly message: Message;
  readonly content: Buffer;
}

/** What is written down of a question before it is asked. */
export interface QueryOpening extends KeptKeys {
  readonly message: Message;
  readonly receiver: Party;
  /** The original bytes, where the agreement wants them kept. */
  readonly content: Buffer | null;
  /** The participant under whose key contents are kept; absent or null: as they are. */
  readonly sealFor?: string | null;
}

/** What is written down of a question once it has ended. */
export interface QueryRecord extends QueryOpening {
  readonly end:
    | {
        readonly kind: 'answered';
        readonly status: number;
        /** Bytes of what the consumer was given, and their lower-case hex SHA-256. */
        readonly size: number;
        readonly digest: string;
      }
    | { readonly kind: 'failed'; readonly fault: FaultRecord };
  /** What was answered, where the agreement wants it kept. */
  readonly answer: Kept | null;
  readonly endedAt: Date;
  /** Stations passed and their milliseconds. */
  readonly stations: readonly { readonly station: string; readonly ms: number }[];
}

/** The ledger as queries see it. Each rejects with the Fault that says why it could not be written. */
export interface QueryTrace {
  /** Written behind in batches: what a killed process had not written yet is lost. */
  record(record: QueryRecord): Promise<void>;
  /** Resolves once the question is durable; its end is then told to `close`. */
  open(opening: QueryOpening): Promise<void>;
  /** Resolves once the end of a question that was opened is durable. */
  close(record: QueryRecord): Promise<void>;
  /** Written behind. */
  late(late: LateAnswer): Promise<void>;
}
