import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { startGateway } from './gateway.js';
import { watch } from './watchdog.js';

const KEY = 'crocevia-test-ledger';

/**
 * A data directory with an empty ledger, as the first start of a gateway leaves it. That start makes the schema, the
 * dearest part of a start on PGlite; it happens once in a process, each caller gets a copy.
 */
export async function dataDirectory(): Promise<string> {
  const first = (getEnvironmentData(KEY) as unknown as string | undefined) ?? (await firstStart());
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-data-'));
  await cp(first, directory, { recursive: true });
  return directory;
}

async function firstStart(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-first-'));
  watch(directory);
  const gateway = await startGateway({ CROCEVIA_DATA_DIR: directory });
  if ((await gateway.stop()) !== 0) throw new Error(`the first gateway did not stop:\n${gateway.logs()}`);
  setEnvironmentData(KEY, directory);
  return directory;
}
