import type { DatabaseFacts } from '../system/ports.js';
import type { Facts } from './ports.js';

const DAY_MS = 86_400_000;

/**
 * How old is what a restore would begin with. A server knows its own base backups only: one that was promoted has none,
 * and counts from its start. Nothing of a server that archives no log, for such backups are not made with it.
 */
export function backupsOf(
  { archive, baseBackup, startedAt }: Pick<DatabaseFacts, 'archive' | 'baseBackup' | 'startedAt'>,
  now: Date,
): Facts['backups'] {
  const days = (since: Date | null) => (now.getTime() - (since ?? startedAt).getTime()) / DAY_MS;
  const fails = archive.failedAt !== null && archive.failedAt > (archive.archivedAt ?? startedAt);
  return [
    ...(baseBackup.isVisible ? [{ name: 'base backup', days: days(baseBackup.endedAt) }] : []),
    ...(archive.mode !== 'off' && fails ? [{ name: 'log archive', days: days(archive.archivedAt) }] : []),
  ];
}
