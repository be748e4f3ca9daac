import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import type { Session } from '../../src/login/ports.js';
import type { SystemDocument } from '../../src/registry/documents/document-types.js';
import { keyOf } from '../../src/registry/registry-store.js';
import { readMasterKeys } from '../../src/secrets/master-keys.js';
import { createSeal, type Seal } from '../../src/secrets/seal.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh, refOf } from '../support/ledger-records.js';
import { startPostgres, type PrivatePostgres } from '../support/postgres.js';

const MINUTE = 60_000;
const keyText = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [OLD, NEW] = [keyText('old'), keyText('new')];
const sealOf = (...keys: string[]): Seal => createSeal(readMasterKeys(keys.join('\n')));
const code = (wanted: string) => expect.objectContaining({ code: wanted }) as Error;

const secretRecord = (participant = 'c_i804') => {
  const system = fresh('tributi');
  const content = Buffer.from(`<canary>${uuid()}</canary>`);
  return { ...acceptanceRecord({ content, receivers: [system] }), sealFor: participant, system };
};

function everyCase(nodes: () => readonly [Store, Store]): void {
  const [one, other] = [() => nodes()[0], () => nodes()[1]];

  it('5: an encrypted content is read by every node for delivery, box and console, and no queue item has it', async () => {
    const record = secretRecord();
    const { id } = record.message;
    await one().messages.accept(record);
    expect(await other().ledger.content(id)).toEqual(record.content);
    expect((await other().contents.view(id, 'tester', '127.0.0.1'))?.content).toEqual(record.content);
    const order = { limit: 1_000, window: 10, reserveMs: 1, systems: new Map() };
    const { items } = await one().outbox.takeUnpublished(order);
    expect(items.find(({ messageId }) => messageId === id)).toMatchObject({ content: null });
    const claim = await one().ledger.claim(refOf(record), { owner: 'sealed', ms: MINUTE });
    await one().ledger.settle(claim!, { state: 'AVAILABLE' });
    const [entry] = await other().box.fetch(record.system, 1, MINUTE);
    expect(entry?.content).toEqual(record.content);
  });

  it('5: the text of a correction is kept under the key of its body, and read by every node', async () => {
    const text = Buffer.from(`<canary>${uuid()}</canary>`);
    const correction = {
      ...{ id: uuid(), messageId: uuid(), sender: 'c_i804', system: 's', receiver: 'c_h007', service: 'S', version: 1 },
      ...{ operation: 'o', headers: {}, size: text.length, reason: 'why', operator: 'anna' },
    };
    await one().corrections.add(correction, text, 'c_i804');
    expect(await other().corrections.content(correction.id)).toEqual(text);
    expect((await one().dataKeys.of('c_i804')).id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('5: what a receiver answers to an encrypted message is not kept', async () => {
    const records = [secretRecord(), { ...secretRecord(), sealFor: null }];
    const responses = records.map(async (record) => {
      await one().messages.accept(record);
      const claim = (await one().ledger.claim(refOf(record), { owner: 'sealed', ms: MINUTE }))!;
      const attempt = {
        number: 1,
        startedAt: new Date(),
        duration: 5,
        target: 'x',
        status: 200,
        response: 'canary',
        fault: null,
      };
      await one().ledger.settle(claim, { state: 'DELIVERED', attempt });
      return (await other().trace.attempts(record.message.id)).map(({ response }) => response);
    });
    expect(await Promise.all(responses)).toEqual([[null], ['canary']]);
  });

  it('5: question and answer that are kept as evidence are read as they were', async () => {
    const { message } = acceptanceRecord({ message: { profile: 'query' } });
    const answer = acceptanceRecord({ message: { profile: 'answer', relatesTo: message.id } }).message;
    const receiver = { participant: 'c_h007', system: 'p' };
    const record = {
      message,
      receiver,
      content: Buffer.from('canary question'),
      sealFor: 'c_h007',
      end: { kind: 'answered', status: 200, size: 2, digest: 'ab' },
      endedAt: new Date(),
      stations: [],
      answer: { message: answer, content: Buffer.from('canary answer') },
    } as const;
    await one().queries.record(record);
    expect(await other().ledger.content(message.id)).toEqual(record.content);
    expect(await other().exchanges.content(answer.id)).toEqual(record.answer.content);
  });
}

describe('what is encrypted in PostgreSQL', () => {
  let postgres: PrivatePostgres;
  let url: string;
  let nodes: readonly [Store, Store];
  const open = (seal: Seal | null, at = url) =>
    openStore({ databaseUrl: at, dataDir: '', owner: 'sealed', poolSize: 2, seal });
  const ask = async (text: string, at = url) => {
    const client = new pg.Client({ connectionString: at });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(text);
    await client.end();
    return rows;
  };

  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.database('sealed');
    nodes = await Promise.all([open(sealOf(OLD)), open(sealOf(OLD))]);
  }, MINUTE);
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await postgres.stop();
  }, MINUTE);
  everyCase(() => nodes);

  it('5: nodes that begin at once use one key a participant and day', async () => {
    const participant = fresh('c_x');
    const ids = await Promise.all(
      [...nodes, ...nodes].map(async ({ dataKeys }) => (await dataKeys.of(participant)).id),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it('5: an ID token of an issuer is kept encrypted, or not at all', async () => {
    const at = await postgres.database('sessions');
    const [sealing, keyless] = [await open(sealOf(OLD), at), await open(null, at)];
    const at0 = new Date();
    const session = (hash: string): Session => ({
      ...{ hash, operator: 'anna', role: 'auditor', scope: null, method: 'oidc', mustChange: false, address: '::1' },
      ...{ idToken: `canary.of.${hash}`, createdAt: at0, seenAt: at0, expiresAt: new Date(at0.getTime() + MINUTE) },
    });
    await sealing.sessions.add(session('one'), 20);
    await keyless.sessions.add(session('two'), 20);
    expect(JSON.stringify(await ask('SELECT * FROM operator_session', at))).not.toContain('canary');
    const tokens = async (node: Store) =>
      Promise.all(['one', 'two'].map(async (hash) => (await node.sessions.find(hash))?.idToken));
    expect(await tokens(sealing)).toEqual(['canary.of.one', null]);
    expect(await tokens(keyless)).toEqual([null, null]);
    await Promise.all([sealing.close(), keyless.close()]);
    const both = await open(sealOf(NEW, OLD), at);
    expect(await both.rotation.rotate(50)).toEqual({ done: 1, left: 0 });
    await both.close();
    const after = await open(sealOf(NEW), at);
    expect(await tokens(after)).toEqual(['canary.of.one', null]);
    await after.close();
  });

  it('5: without a master key nothing is taken that is to be encrypted, and nothing is read', async () => {
    const at = await postgres.database('keyless');
    const keyless = await open(null, at);
    await expect(keyless.messages.accept(secretRecord())).rejects.toThrow(code('store-unavailable'));
    expect((await keyless.messages.accept(acceptanceRecord())).kind).toBe('accepted');
    expect(await keyless.rotation.rotate(1)).toBeNull();
    await keyless.close();
  });

  it('5: a key goes when nothing is kept under it any more', async () => {
    const participant = fresh('c_x');
    const record = secretRecord(participant);
    await nodes[0].messages.accept(record);
    const keys = () => ask(`SELECT FROM data_key WHERE participant = '${participant}'`);
    await ask(`UPDATE data_key SET day = day - 3 WHERE participant = '${participant}'`);
    await nodes[0].retention.dropEnded(new Date(0));
    expect(await keys()).toHaveLength(1);
    await ask(`UPDATE payload SET content = NULL, sealed = NULL WHERE message_id = '${record.message.id}'`);
    await nodes[0].retention.dropEnded(new Date(0));
    expect(await keys()).toHaveLength(0);
  });

  it(
    '5: rotation seals everything anew, in steps that may be broken off; then the old key is needed no more',
    async () => {
      const at = await postgres.database('rotated');
      const before = await open(sealOf(OLD), at);
      const records = ['c_a', 'c_b', 'c_c'].map((participant) => secretRecord(participant));
      for (const record of records) await before.messages.accept(record);
      const document: SystemDocument = {
        kind: 'system',
        id: 'sulmona',
        participant: 'c_i804',
        receiptsTo: { url: 'http://u:canary-password@host/', headers: { authorization: 'canary-token' } },
      };
      const edit = { key: keyOf(document), after: { document, files: {} }, applied: null };
      await before.registry.write(0, async () => ({ edits: [edit], files: new Map() }), { by: 'x', reason: null });
      await before.close();

      const both = await open(sealOf(NEW, OLD), at);
      const first = await both.rotation.rotate(1);
      expect(first).toEqual({ done: 1, left: 2 });
      let left = 1;
      while (left > 0) left = (await both.rotation.rotate(1))!.left;
      expect(await both.rotation.rotate(50)).toEqual({ done: 0, left: 0 });
      await both.close();

      const after = await open(sealOf(NEW), at);
      for (const record of records) expect(await after.ledger.content(record.message.id)).toEqual(record.content);
      expect((await after.registry.since(0)).changed.map((one) => one.document)).toEqual([document]);
      expect((await after.registry.history({}, { limit: 5 })).map((one) => one.after?.document)).toEqual([document]);
      await after.close();
      const stored = JSON.stringify([
        await ask('SELECT document FROM registry_document', at),
        await ask('SELECT before, after FROM registry_change', at),
        await ask('SELECT wrapped FROM data_key', at),
      ]);
      expect(stored).not.toMatch(/canary|sealed\$1\$old/);

      const wrong = await open(sealOf(OLD), at);
      await expect(wrong.ledger.content(records[0]!.message.id)).rejects.toThrow(code('internal'));
      await expect(wrong.registry.since(0)).rejects.toThrow('CROCEVIA_MASTER_KEY_FILE');
      await wrong.close();
    },
    MINUTE,
  );
});

describe('what is encrypted in PGlite', () => {
  let directory: string;
  let node: Store;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'crocevia-sealed-'));
    node = await openStore({ databaseUrl: null, dataDir: directory, owner: 'sealed', seal: sealOf(NEW) });
  }, MINUTE);
  afterAll(async () => {
    await node.close();
    rmSync(directory, { recursive: true, force: true });
  }, MINUTE);
  everyCase(() => [node, node]);
});
