import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { layFirstLedger } from './first-ledger.js';

/** PGlite in a thread of its own: it computes for milliseconds at a time and would hold up the event loop. */
export class Engine {
  private readonly waiting: { resolve(answer: Buffer): void; reject(error: Error): void }[] = [];
  private failure: Error | null = null;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (answer: Uint8Array) => {
      this.waiting.shift()?.resolve(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength));
    });
    worker.on('error', (error) => this.fail(error));
    worker.on('exit', (code) => this.fail(new Error(`The embedded database has ended (exit code ${code}).`)));
  }

  static async open(directory: string): Promise<Engine> {
    const file = workerFile();
    await layFirstLedger(directory, join(dirname(file), '../../ledger'));
    const worker = new Worker(file, { workerData: { directory } });
    await once(worker, 'message');
    return new Engine(worker);
  }

  /** Answers come in the order of the requests. */
  exchange(request: Uint8Array): Promise<Buffer> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    if (this.failure !== null) return;
    const ended = once(this.worker, 'exit');
    this.worker.postMessage(null);
    await ended;
  }

  private fail(error: Error): void {
    this.failure ??= Object.assign(error, { code: 'ECONNRESET' });
    for (const request of this.waiting.splice(0)) request.reject(this.failure);
  }
}

/** A thread loads compiled code only: beside this file in dist/, or in dist/ when this file runs as TypeScript. */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./engine-worker.js', import.meta.url));
  if (existsSync(beside)) return beside;
  const built = beside.replace(/([\\/])src([\\/]store[\\/]embedded[\\/])/, '$1dist$2');
  if (existsSync(built)) return built;
  throw new Error(`${built} is missing: run "npm run build" first.`);
}
