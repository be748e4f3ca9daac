/** A message that a system published to its own submission queue (AMQP in). */
export interface Submission {
  /** The system whose queue it lay in. */
  readonly system: string;
  /** RabbitMQ user that published it: verified by RabbitMQ and one of the system's registered `amqp` credentials. */
  readonly username: string;
  /** Lower-case names, text values only. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string | null;
  readonly body: Buffer;
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly type: string | null;
  readonly replyTo: string | null;
  /** The property of that name. */
  readonly priority: number | null;
}

/** A system that publishes, and its RabbitMQ users: two while one takes the place of the other. */
export interface Publisher {
  readonly system: string;
  readonly usernames: readonly string[];
}

/** What the submitter is told; `content-type` among the headers becomes the property of that name. */
export interface SubmissionReply {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Resolved: the reply is published (to `replyTo` where that is the system's own reply queue or a direct reply-to, else
 * to the system's reply queue) and, once confirmed, the submission is acknowledged. Rejected: it is offered again
 * after a back-off, for ever. It may be called twice for the same submission.
 */
export type SubmissionHandler = (submission: Submission) => Promise<SubmissionReply>;

/**
 * Takes messages from the submission queues of the systems that have an `amqp` credential. A message whose `user_id` is
 * missing or is none of the system's users is answered with a fault (`credentials-missing`, `sender-mismatch`) and dropped; what another
 * system has copied into the queue is dropped without an answer.
 */
export interface Submissions {
  /** Once, before the first `consume`. */
  start(handler: SubmissionHandler): void;
  /** Declares the queues (submission, reply, out) of each system and consumes; called again it adds and removes. */
  consume(systems: readonly Publisher[]): Promise<void>;
}
