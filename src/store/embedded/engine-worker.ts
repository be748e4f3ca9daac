import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** Memory for a laptop: 168 MB instead of 300 MB (blueprint §7). */
const MEMORY = ['shared_buffers=8MB', 'work_mem=4MB', 'maintenance_work_mem=16MB'];
/** A statement over all days of two years locks the tables of each of them, and their indexes. */
const LOCKS = ['max_locks_per_transaction=2048'];

const port = parentPort!;
const database = await PGlite.create({
  dataDir: (workerData as { directory: string }).directory,
  startParams: [...PGlite.defaultStartParams, ...[...MEMORY, ...LOCKS].flatMap((setting) => ['-c', setting])],
});

/** Wire protocol in, wire protocol out, one request after the other; `null` closes the database. */
port.on('message', (request: Uint8Array | null) => {
  queue = queue.then(() => (request === null ? close() : answer(request)));
});
let queue: Promise<void> = Promise.resolve();
port.postMessage('ready');

async function answer(request: Uint8Array): Promise<void> {
  const parts: Buffer[] = [];
  await database.execProtocolRawStream(request, { onRawData: (bytes) => void parts.push(Buffer.from(bytes)) });
  port.postMessage(Buffer.concat(parts));
}

async function close(): Promise<void> {
  await database.close();
  port.close();
}
