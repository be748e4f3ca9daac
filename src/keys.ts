import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from './config.js';
import { createSeal, type Seal } from './secrets/seal.js';
import { readMasterKeys } from './secrets/master-keys.js';
import type { GatewayLog } from './trace/log.js';

const OWNER_ONLY = 0o600;

/** What is kept in clear without a master key. */
export const NOT_SEALED =
  'header values and passwords in addresses of registered systems; participants with encryptPayloads are refused';

/**
 * The seal under the configured keys. The embedded shape makes a key in its data directory where none is configured; on servers
 * there is none then, which is told.
 */
export function openSeal(
  { masterKeys, databaseUrl, dataDir }: Config,
  { logger }: Pick<GatewayLog, 'logger'>,
): Seal | null {
  if (masterKeys.length > 0) return createSeal(masterKeys);
  if (databaseUrl === null) return createSeal(readMasterKeys(ownKey(join(dataDir, 'master.key'), dataDir, logger)));
  logger.warn({ inClear: NOT_SEALED, set: 'CROCEVIA_MASTER_KEY_FILE' }, 'secrets.no-master-key');
  return null;
}

function ownKey(file: string, dataDir: string, logger: GatewayLog['logger']): string {
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: OWNER_ONLY, flush: true });
    logger.info({ file }, 'secrets.master-key-made');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    chmodSync(file, OWNER_ONLY);
  }
  return readFileSync(file, 'utf8');
}
