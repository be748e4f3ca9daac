import { createHash } from 'node:crypto';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { keyOf, type Edit, type RegistryStore } from '../../src/registry/registry-store.js';
import type { Store } from '../../src/store/open-store.js';
import { fresh } from '../support/ledger-records.js';

const BY = { by: 'operator-1', reason: 'a test' };

/** The promises of RegistryStore. */
export function registryCases(nodes: () => readonly [Store, Store]): void {
  const [one, other] = [0, 1].map((at) => () => nodes()[at as 0 | 1].registry) as [
    () => RegistryStore,
    () => RegistryStore,
  ];
  const participant = (id: string, name: string): RegistryDocument => ({
    kind: 'participant',
    id,
    name,
    type: 'municipality',
  });
  const edit = (document: RegistryDocument, files: Readonly<Record<string, string>> = {}): Edit => ({
    key: keyOf(document),
    after: { document, files },
    applied: null,
  });
  const write = (store: RegistryStore, edits: readonly Edit[], files: ReadonlyMap<string, Buffer> = new Map()) =>
    store.write(0, async () => ({ edits, files }), BY);

  describe('registry', () => {
    it('5: another node reads what one wrote, with who and when, and only what is new', async () => {
      const before = await one().revision();
      const id = fresh('c_x');
      const revision = await write(one(), [edit(participant(id, 'Primo'))]);
      expect([revision, await other().revision()]).toEqual([before + 1, before + 1]);
      const news = await other().since(before);
      expect(news).toMatchObject({ revision, removed: [] });
      expect(news.changed).toEqual([
        {
          key: { kind: 'participant', id, version: 0 },
          document: participant(id, 'Primo'),
          files: {},
          applied: null,
          revision,
          changedAt: expect.any(Date),
          changedBy: 'operator-1',
        },
      ]);
      expect((await other().since(revision)).changed).toEqual([]);
    });

    it('5: keeps every change with before and after, newest first, by pages', async () => {
      const id = fresh('c_x');
      await write(one(), [edit(participant(id, 'Primo'))]);
      await write(one(), [edit(participant(id, 'Secondo'))]);
      await write(one(), [{ ...edit(participant(id, '')), after: null }]);
      const changes = await other().history({ kind: 'participant', id }, { limit: 2 });
      expect(changes).toMatchObject([
        { by: 'operator-1', reason: 'a test', before: { document: { name: 'Secondo' } }, after: null },
        { before: { document: { name: 'Primo' } }, after: { document: { name: 'Secondo' }, files: {} } },
      ]);
      const older = await other().history({ id }, { limit: 2, before: changes[1]!.seq });
      expect(older).toMatchObject([{ before: null, after: { document: { name: 'Primo' } } }]);
      expect(older).toHaveLength(1);
    });

    it('5: tells of a document that was taken away', async () => {
      const id = fresh('c_x');
      const revision = await write(one(), [edit(participant(id, 'Primo'))]);
      await write(one(), [{ ...edit(participant(id, '')), after: null }]);
      const news = await other().since(revision);
      expect([news.changed, news.removed]).toEqual([[], [{ kind: 'participant', id, version: 0 }]]);
    });

    it('5: keeps the bytes of files once and hands them out by digest', async () => {
      const bytes = Buffer.from(`<schema>${fresh('x')}</schema>`);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const service: RegistryDocument = { kind: 'service', id: fresh('S'), version: 3, title: 'S', xsd: 'a.xsd' };
      await write(one(), [edit(service, { 'a.xsd': sha256 })], new Map([[sha256, bytes]]));
      await write(one(), [edit({ ...service, version: 4 }, { 'a.xsd': sha256 })], new Map([[sha256, bytes]]));
      expect(await other().files([sha256])).toEqual(new Map([[sha256, bytes]]));
      await expect(other().files(['0'.repeat(64)])).rejects.toThrow('not stored');
    });

    it('5: lets one writer in at a time, who sees what the one before wrote; a refusal writes nothing', async () => {
      const id = fresh('c_x');
      const seen: string[][] = [];
      const before = await one().revision();
      const add = (store: RegistryStore, name: string) =>
        store.write(
          before,
          async ({ changed }, files) => {
            seen.push(changed.map(({ document }) => (document.kind === 'participant' ? document.name : '')));
            expect((await files([])).size).toBe(0);
            return { edits: [edit(participant(`${id}${name}`, name))], files: new Map() };
          },
          BY,
        );
      const revisions = await Promise.all(['a', 'b', 'c', 'd'].map((name, at) => add(at % 2 ? other() : one(), name)));
      expect(new Set(revisions)).toEqual(new Set([1, 2, 3, 4].map((step) => before + step)));
      expect(seen.map((names) => names.length)).toEqual([0, 1, 2, 3]);
      const refuse = () => Promise.reject(new Error('no'));
      await expect(one().write(before, refuse, BY)).rejects.toThrow();
      expect(await other().revision()).toBe(before + 4);
    });
  });
}
