import { Worker } from 'node:worker_threads';
import { Fault } from '../../message/fault.js';
import { workerFile } from '../../protocol/worker-file.js';

/** Of each answer of the thread. */
export const DEADLINE_MS = 10_000;

/** MiB of the thread's JavaScript heap. */
const MAX_HEAP_MB = 768;

/** Threads at work at once. */
const MAX_THREADS = 2;
let atWork = 0;

/** Runs what takes a thread. Throws overloaded where the others are at work. */
export async function inSlot<T>(work: () => Promise<T>): Promise<T> {
  if (atWork >= MAX_THREADS)
    throw new Fault('overloaded', { detail: 'Other interfaces are being checked.', retryAfterSeconds: 5 });
  atWork++;
  try {
    return await work();
  } finally {
    atWork--;
  }
}

/**
 * What the thread answers to the task, in its order. Where it passes the deadline of an answer or its memory, it is ended, and
 * a text stands in the place of that answer: `took too ...`. Throws Error where the thread failed.
 */
export async function answersOf(task: object, count: number, deadlineMs: number): Promise<readonly unknown[]> {
  const filename = workerFile(import.meta.url, 'registry/publish', 'interface-worker');
  const worker = new Worker(filename, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
  const answers: unknown[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<readonly unknown[]>((resolve, reject) => {
      const lack = (why: string) => resolve([...answers, why]);
      timer = setTimeout(() => lack(`took too long (expected: under ${deadlineMs / 1000} s)`), deadlineMs);
      worker.on('message', (answer: unknown) => {
        timer?.refresh();
        if (answers.push(answer) === count) resolve(answers);
      });
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') reject(error);
        else lack(`took too much memory (expected: at most ${MAX_HEAP_MB} MiB)`);
      });
      worker.once('exit', (code) => reject(new Error(`The thread that reads interfaces ended with ${code}`)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
