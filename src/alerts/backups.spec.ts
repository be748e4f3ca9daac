import { backupsOf } from './backups.js';

const NOW = new Date('2026-11-28T12:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const facts = {
  archive: { mode: 'on', archivedAt: daysAgo(0.1), failedAt: null as Date | null },
  baseBackup: { isVisible: true, endedAt: daysAgo(3) as Date | null },
  startedAt: daysAgo(40),
};

describe('6. what a restore would begin with', () => {
  it('6. is as old as the last base backup', () => {
    expect(backupsOf(facts, NOW)).toEqual([{ name: 'base backup', days: 3 }]);
  });

  it('6. counts from the start of a server that knows of none, as one that was promoted', () => {
    expect(backupsOf({ ...facts, baseBackup: { isVisible: true, endedAt: null } }, NOW)[0]!.days).toBe(40);
  });

  it('6. is also a log that is not archived any more, not one that failed before it was', () => {
    const failing = { ...facts.archive, archivedAt: daysAgo(5), failedAt: daysAgo(0) };
    expect(backupsOf({ ...facts, archive: failing }, NOW)[1]).toEqual({ name: 'log archive', days: 5 });
    const failed = { ...facts.archive, failedAt: daysAgo(1) };
    expect(backupsOf({ ...facts, archive: failed }, NOW)).toHaveLength(1);
  });

  it('6. is nothing where no log is archived', () => {
    const off = {
      ...facts,
      archive: { ...facts.archive, mode: 'off' },
      baseBackup: { isVisible: false, endedAt: null },
    };
    expect(backupsOf(off, NOW)).toEqual([]);
  });
});
