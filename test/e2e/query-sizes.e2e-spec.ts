import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, queryStage } from '../support/query-stage.js';
import { embedded } from '../support/shapes.js';

/** Bytes of a document and how many of the 62 questions have it: 30 %, 60 %, 9 %, and at least one of 0.9 % and 0.1 %. */
const MIX: readonly (readonly [bytes: number, count: number])[] = [
  [2_000, 18],
  [10_000, 36],
  [100_000, 6],
  [2_000_000, 1],
  [10_000_000, 1],
];
const AT_ONCE = 6;
const TIMEOUT_MS = 30_000;

interface Document {
  readonly id: number;
  readonly contenuto: string;
}
interface Verified {
  readonly sha256: string;
  readonly documento: Document;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const documentOf = (bytes: number, id: number): Document => ({
  id,
  contenuto: `è ${randomBytes(bytes).toString('base64')}`.slice(0, bytes),
});
/** The big ones lie between the small ones, as they come. */
const documents = MIX.flatMap(([bytes, count]) => Array.from({ length: count }, () => bytes))
  .map((bytes, at) => ({ bytes, place: (at * 37) % 62 }))
  .sort((a, b) => a.place - b.place)
  .map(({ bytes }, at) => documentOf(bytes, at));

const service = (url: string): readonly RegistryDocument[] => [
  {
    kind: 'service',
    id: 'Documenti',
    version: 1,
    title: 'Documenti',
    openapi: resolve('test/fixtures/documenti/openapi.yaml'),
  },
  {
    kind: 'system',
    id: 'raiano.documenti',
    participant: 'c_h166',
    provides: [{ service: 'Documenti', version: 1, endpoint: { protocol: 'rest', url, timeoutMs: TIMEOUT_MS } }],
    receives: { channel: 'box' },
  },
  {
    kind: 'agreement',
    id: 'documenti',
    consumer: 'r_abruzz',
    provider: 'c_h166',
    service: 'Documenti',
    version: 1,
  },
];

describe('queries of any size, embedded', () => {
  const stage = queryStage(embedded, async ({ sulmona, pratola }) => {
    const registry = await writeQueryRegistry({ soap: sulmona.url, rest: pratola.url });
    const more = service(pratola.url).map((one) => stringify(one));
    await writeFile(join(registry, 'documenti.yaml'), more.join('---\n'));
    return registry;
  });
  const ask = asker(stage);

  it('1: answers a mix of 2 kB to 10 MB, each with its own document and digest', async () => {
    stage.pratola.answerWith(({ body }, reply) => {
      const documento = JSON.parse(body.toString()) as Document;
      const verified: Verified = { sha256: sha256(documento.contenuto), documento };
      reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(verified));
    });
    const waiting = [...documents];
    const answered = new Map<number, number>();
    const askNext = async (): Promise<void> => {
      const body = waiting.shift();
      if (!body) return;
      const answer = await ask('/rest/c_h166/v1/Documenti/documenti', { body });
      expect([body.id, answer.status]).toEqual([body.id, 200]);
      const { sha256: digest, documento } = answer.json<Verified>();
      expect([documento.id, digest, sha256(documento.contenuto)]).toEqual([
        body.id,
        ...Array.from({ length: 2 }, () => sha256(body.contenuto)),
      ]);
      answered.set(body.id, body.contenuto.length);
      return askNext();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askNext));
    expect(answered.size).toBe(62);
    expect(MIX.map(([bytes]) => [bytes, [...answered.values()].filter((length) => length === bytes).length])).toEqual(
      MIX,
    );
    expect(stage.pratola.received).toHaveLength(62);
  }, 120_000);
});
