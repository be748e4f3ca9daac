import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore } from '../../src/store/open-store.js';
import type { DatabaseFacts } from '../../src/system/ports.js';
import { binaries, giveAway, runAs, startPostgres, type PrivatePostgres } from '../support/postgres.js';
import { backupsOf } from '../../src/alerts/backups.js';
import { until } from '../support/until.js';

const MINUTE = 60_000;

describe('7.16: what a PostgreSQL knows of its base backups', () => {
  let postgres: PrivatePostgres;
  let copies: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    copies = mkdtempSync(join(tmpdir(), 'crocevia-copies-'));
    giveAway(copies);
  }, MINUTE);
  afterAll(async () => {
    await postgres.stop();
    rmSync(copies, { recursive: true, force: true });
  }, MINUTE);

  const order = async (...texts: readonly string[]) => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    for (const text of texts) await client.query(text);
    await client.end();
  };
  const facts = async (databaseUrl = postgres.url): Promise<DatabaseFacts> => {
    const store = await openStore({ databaseUrl, dataDir: '', owner: 'backups' });
    try {
      return await store.database.facts();
    } finally {
      await store.close();
    }
  };
  const known = async (databaseUrl?: string) => (await facts(databaseUrl)).baseBackup;
  const backUp = (name: string) =>
    runAs(join(binaries(), 'pg_basebackup'), [
      '-d',
      postgres.url,
      '-D',
      join(copies, name),
      '-X',
      'none',
      '-c',
      'fast',
    ]);

  it(
    'nothing while it archives no log: it forgets them',
    async () => {
      backUp('unarchived');
      expect(await known()).toEqual({ isVisible: false, endedAt: null });
    },
    MINUTE,
  );

  it(
    'the end of the last one while it archives',
    async () => {
      await order(`ALTER SYSTEM SET archive_mode = 'on'`, `ALTER SYSTEM SET archive_command = 'true'`);
      await postgres.kill9();
      await postgres.restart();
      expect(await known()).toEqual({ isVisible: true, endedAt: null });
      const before = Date.now();
      backUp('first');
      const first = (await known()).endedAt!.getTime();
      expect(first).toBeGreaterThan(before - 2_000);
      backUp('second');
      await order('SELECT pg_switch_wal()', 'CHECKPOINT');
      expect((await known()).endedAt!.getTime()).toBeGreaterThan(first);
    },
    MINUTE,
  );

  it(
    '6. how old it is, and for how long the log was not archived',
    async () => {
      await order(`ALTER SYSTEM SET archive_command = 'false'`, 'SELECT pg_reload_conf()');
      await order('CREATE TABLE written (n int)', 'SELECT pg_switch_wal()');
      await until(async () => (await facts()).archive.failedAt !== null, MINUTE / 2);
      const tomorrow = new Date(Date.now() + 86_400_000);
      const told = backupsOf(await facts(), tomorrow);
      expect(told.map(({ name }) => name)).toEqual(['base backup', 'log archive']);
      for (const { days } of told) expect(days).toBeCloseTo(1, 1);
      await order(`ALTER SYSTEM SET archive_command = 'true'`, 'SELECT pg_reload_conf()');
      await until(async () => backupsOf(await facts(), tomorrow).length === 1, MINUTE / 2);
    },
    MINUTE,
  );

  it(
    'nothing to a user without pg_monitor, who is told the rest',
    async () => {
      await order('CREATE ROLE plain LOGIN', 'CREATE DATABASE plain OWNER plain');
      const url = postgres.url.replace('crocevia@', 'plain@').replace(/postgres$/, 'plain');
      expect(await known(url)).toEqual({ isVisible: false, endedAt: null });
      await order('GRANT pg_monitor TO plain');
      expect(await known(url)).toEqual({ isVisible: true, endedAt: expect.any(Date) });
    },
    MINUTE,
  );
});
