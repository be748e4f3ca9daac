/**
 * Measures what one change costs a node whose registry is big, and prints medians of CHANGES (40): the swap of the
 * snapshot, and the check before a write. Nothing is read from a store: what is measured is the thread that serves.
 */
import { createHash } from 'node:crypto';
import type { RegistryDocument } from '../src/registry/documents/document-types.js';
import { keyOf, type News, type StoredDocument } from '../src/registry/registry-store.js';
import { RegistryShelf } from '../src/registry/shelf.js';
import { blocked, median } from './measure.js';
import { XSD } from './message.js';

const PARTICIPANTS = 2_000;
const SERVICES = 500;
const AGREEMENTS = 20_000;
const SCHEMAS = 5;
const CHANGES = Number(process.env['CHANGES'] ?? 40);
const SWAP_LIMIT_MS = 50;
const CHECK_LIMIT_MS = 150;

const list = <T>(length: number, make: (at: number) => T): readonly T[] => Array.from({ length }, (_, at) => make(at));
const namespace = (schema: number) => `urn:crocevia:bench:${schema}`;

const schemas = list(SCHEMAS, (at) => Buffer.from(XSD.replaceAll('urn:crocevia:bench', namespace(at))));
const digests = schemas.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
const files = new Map(schemas.map((bytes, at) => [digests[at] ?? '', bytes]));

const participant = (at: number): RegistryDocument => ({
  ...{ kind: 'participant', id: `c_${at}`, name: `Comune ${at}`, type: 'municipality' },
  ...(at > 0 && { parent: 'c_0' }),
});

const system = (at: number): RegistryDocument => ({
  ...{ kind: 'system', id: `c_${at}.main`, participant: `c_${at}` },
  credentials: [{ kind: 'api-key', id: `key-${at}`, hash: 'scrypt$1$1$1$a$b' }],
  provides: at < SERVICES ? [{ service: `Service${at}`, version: 1 }] : [],
  receives: { channel: 'push-soap', url: `http://127.0.0.1:9/${at}` },
});

const service = (at: number): RegistryDocument => ({
  ...{ kind: 'service', id: `Service${at}`, version: 1, title: `Service ${at}`, xsd: 'service.xsd' },
  operations: [
    {
      ...{ name: 'notifica', profile: 'one-way', soapAction: `urn:${at}`, eventType: `it.bench.${at}` },
      element: { namespace: namespace(at % SCHEMAS), name: 'notifica' },
    },
  ],
});

const agreement = (at: number, perMinute: number): RegistryDocument => {
  const provider = at % SERVICES;
  const consumer = `c_${(provider + 1 + Math.floor(at / SERVICES) * 7) % PARTICIPANTS}`;
  const parties = { consumer, provider: `c_${provider}`, service: `Service${provider}`, version: 1 };
  return { kind: 'agreement', id: `agreement-${at}`, ...parties, perMinute };
};

const stored = (document: RegistryDocument, revision: number): StoredDocument => ({
  ...{ key: keyOf(document), document, applied: null, revision, changedAt: new Date(), changedBy: 'bench' },
  files: document.kind === 'service' ? { 'service.xsd': digests[Number(document.id.slice(7)) % SCHEMAS] ?? '' } : {},
});

/** As it comes from the store: every object its own. */
const news = (revision: number, documents: readonly RegistryDocument[]): News => ({
  ...{ revision, removed: [] },
  changed: structuredClone(documents.map((one) => stored(one, revision))),
});

const shelf = new RegistryShelf({});

async function take(one: News): Promise<void> {
  const problems = await shelf.take(one, async () => files);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
}

async function check(document: RegistryDocument): Promise<void> {
  const edits = [{ key: keyOf(document), after: { document, files: {} }, applied: null }];
  const nothing = { revision: shelf.revision, changed: [], removed: [] };
  const problems = await shelf.problemsOf(nothing, { edits, files: new Map() }, async () => files);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
}

const ms = (value: number) => `${value.toFixed(1)} ms`;

async function repeat(what: string, limit: number, work: (change: number) => () => Promise<void>): Promise<void> {
  const rounds: Awaited<ReturnType<typeof blocked>>[] = [];
  for (let change = 0; change < CHANGES; change++) rounds.push(await blocked(work(change)));
  const longest = rounds.map((one) => one.longest);
  const worst = Math.max(...longest);
  const within = median(longest) < limit ? 'ok' : 'TOO SLOW';
  console.log(
    `${what}: the thread blocked ${ms(median(longest))} (worst ${ms(worst)}), whole ${ms(median(rounds.map(({ whole }) => whole)))}; limit ${limit} ms: ${within}`,
  );
  if (within !== 'ok') process.exitCode = 1;
}

const all = [
  ...list(PARTICIPANTS, participant),
  ...list(PARTICIPANTS, system),
  ...list(SERVICES, service),
  ...list(AGREEMENTS, (at) => agreement(at, 1)),
];
const whole = news(1, all);
const first = await blocked(() => take(whole));
console.log(
  `registry of ${PARTICIPANTS} participants and systems, ${SERVICES} services, ${AGREEMENTS} agreements: loaded in ${ms(first.whole)}`,
);
await repeat('swap for one agreement', SWAP_LIMIT_MS, (change) => {
  const one = news(change + 2, [agreement(change * 97, change + 2)]);
  return () => take(one);
});
await repeat('check before one write', CHECK_LIMIT_MS, (change) => () => check(agreement(change * 31, change + 1_000)));
