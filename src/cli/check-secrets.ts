import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { NOT_SEALED } from '../keys.js';
import type { MasterKey } from '../secrets/master-keys.js';
import type { Finding } from '../shape.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Master keys: that there is one, that nobody can guess it, and that nobody else can read it. */
export function masterKeyFindings({ masterKeys, databaseUrl, dataDir }: Config, env: Environment): readonly Finding[] {
  const own = databaseUrl === null && masterKeys.length === 0 ? join(dataDir, 'master.key') : null;
  const file = env['CROCEVIA_MASTER_KEY_FILE'] ?? own;
  return [
    ...(masterKeys.length === 0 && own === null ? [absent] : []),
    ...masterKeys.flatMap((key) => (isGuessable(key) ? [weak(key)] : [])),
    ...(file ? readableFindings('master-key-readable', 'master key', file) : []),
  ];
}

const absent: Finding = {
  level: 'warning',
  code: 'master-key-absent',
  subject: 'master key',
  text: `none is set; in clear in the database then: ${NOT_SEALED}`,
  expected: 'CROCEVIA_MASTER_KEY_FILE with a key of `crocevia keys new`',
};

const weak = ({ id }: MasterKey): Finding => ({
  level: 'wrong',
  code: 'master-key-weak',
  subject: `master key ${id}`,
  text: 'looks like a text or a pattern, which can be guessed',
  expected:
    '32 random bytes, as `crocevia keys new` makes them; put it first in the file and run `crocevia keys rotate`',
});

/** Of 32 random bytes fewer than 20 are different once in 10^10 times, and all are visible ASCII once in 10^13. */
const LEAST_DIFFERENT = 20;

function isGuessable({ key }: MasterKey): boolean {
  const steps = new Set([...key.subarray(1)].map((byte, at) => (byte - (key[at] as number) + 256) % 256));
  const isText = key.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText || new Set(key).size < LEAST_DIFFERENT || steps.size < 3;
}

const OTHERS_READ = 0o004;
const OTHERS_WRITE = 0o022;

/** That only its owner, and a group of its choice, can read a file of secrets; none where it does not exist. */
export function readableFindings(code: string, subject: string, file: string): readonly Finding[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (mode & (OTHERS_READ | OTHERS_WRITE)) === 0) return [];
  const what = mode & OTHERS_READ ? 'read' : 'written';
  const text = `${file} can be ${what} by others (mode ${(mode & 0o777).toString(8)})`;
  return [{ level: 'warning', code, subject, text, expected: `mode 600 or 640: chmod 600 ${file}` }];
}

/** Why a file cannot be read by who runs this; null where it can. */
export function unreadable(file: string): 'absent' | 'unreadable' | null {
  if (!statSync(file, { throwIfNoEntry: false })) return 'absent';
  try {
    accessSync(file, constants.R_OK);
    return null;
  } catch {
    return 'unreadable';
  }
}
