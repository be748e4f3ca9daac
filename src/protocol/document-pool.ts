import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Examination, ExaminationOrder, OpenDocument } from '../message/document.js';
import { Fault, type Violation } from '../message/fault.js';
import { Conversation, OutOfTime } from './conversation.js';
import type { DocumentTask, FromWorker } from './document-messages.js';
import { workerFile } from './worker-file.js';

export interface PoolLimits {
  /** Worker threads at most. */
  readonly workers: number;
  /** Documents that wait for a worker; one more is refused as overloaded. */
  readonly maxQueue: number;
  /** Milliseconds for reading a document. */
  readonly openDeadlineMs: number;
  /** Milliseconds for examining it. */
  readonly validateDeadlineMs: number;
}

/** Milliseconds for compiling a published schema that the worker has not seen. */
const COMPILE_DEADLINE_MS = 10_000;

export interface DocumentPool {
  open(task: Omit<DocumentTask, 'port'>): Promise<OpenDocument>;
  stop(): Promise<void>;
}

/** Documents in worker threads. A document that runs out of its time ends its worker; the pool starts another. */
export function createDocumentPool(limits: PoolLimits): DocumentPool {
  const threads = new Piscina({
    filename: workerFile(import.meta.url, 'protocol', 'document-worker'),
    minThreads: 1,
    maxThreads: limits.workers,
    idleTimeout: Infinity,
    recordTiming: false,
  });
  let waiting = 0;
  const open: DocumentPool['open'] = async (task) => {
    if (waiting >= limits.maxQueue) throw overloaded();
    const conversation = begin(threads, task);
    waiting++;
    const started = conversation.expect('started', null).finally(() => waiting--);
    return opened(conversation, started, task.format, limits);
  };
  return { open, stop: () => threads.destroy() };
}

/** Hands the document over. A view into a larger buffer is copied, so that no more than the document travels. */
function begin(threads: Piscina, { bytes, ...task }: Omit<DocumentTask, 'port'>): Conversation {
  const { port1, port2 } = new MessageChannel();
  const abort = new AbortController();
  const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  const run = threads.run({ ...task, bytes: own, port: port2 }, { transferList: [port2], signal: abort.signal });
  return new Conversation(port1, run, () => abort.abort());
}

async function opened(
  conversation: Conversation,
  started: Promise<unknown>,
  format: DocumentTask['format'],
  limits: PoolLimits,
): Promise<OpenDocument> {
  try {
    await started;
    const { xml, json } = await conversation.expect('opened', limits.openDeadlineMs);
    const examine = (order: ExaminationOrder) => examineInWorker(conversation, order, limits.validateDeadlineMs);
    return { format, xml, json, examine, close: () => conversation.close() };
  } catch (error) {
    conversation.close();
    throw error instanceof OutOfTime ? timeout('Reading', limits.openDeadlineMs) : error;
  }
}

async function examineInWorker(
  conversation: Conversation,
  { schema, ...order }: ExaminationOrder,
  deadlineMs: number,
): Promise<Examination> {
  conversation.say({ kind: 'examine', order: { ...order, schema: schema && { key: schema.key, kind: schema.kind } } });
  const compileBy = performance.now() + COMPILE_DEADLINE_MS;
  let message = await conversation.next(COMPILE_DEADLINE_MS);
  if (message.kind === 'schema-wanted' && schema) {
    conversation.say({ kind: 'schema', bundle: schema });
    message = await conversation.next(compileBy - performance.now());
  }
  if (message.kind !== 'validating') throw new Error(`The worker said ${message.kind} before it validated`);
  return collect(conversation, deadlineMs);
}

async function collect(conversation: Conversation, deadlineMs: number): Promise<Examination> {
  const by = performance.now() + deadlineMs;
  const violations: Violation[] = [];
  try {
    for (;;) {
      const message: FromWorker = await conversation.next(by - performance.now());
      if (message.kind === 'examined') return message.examination;
      if (message.kind === 'violation') violations.push(message.violation);
      if (message.kind === 'overflow') return (conversation.endBy(by), unfinished(violations));
    }
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    if (violations.length === 0) throw timeout('Validation', deadlineMs);
    return unfinished(violations);
  }
}

/** What is known before the validation has ended: enough for a refusal, which is all that can come of it. */
function unfinished(violations: readonly Violation[]): Examination {
  return { violations, truncated: true, extracted: {}, keys: [], digest: '' };
}

function overloaded(): Fault {
  return new Fault('overloaded', { detail: 'Too many large documents are waiting.', retryAfterSeconds: 1 });
}

function timeout(what: string, ms: number): Fault {
  return new Fault('validation-timeout', { detail: `${what} took more than ${ms} ms.`, expected: `at most ${ms} ms` });
}
