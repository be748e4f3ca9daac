import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { canonicalJson } from '../protocol/json/canonical.js';
import { assemble, assembleChecked } from './assemble.js';
import { rebuildService } from './build-service.js';
import type { RegistryDocument, ServiceDocument } from './document-types.js';
import type { Noted, Written } from './documents.js';
import type { Environment, Problem } from './environment.js';
import { forbiddenChange } from './lifecycle.js';
import type { Service, System } from './model.js';
import type { Registry, RegistryProblem } from './registry.js';
import {
  keyText,
  type Decision,
  type DocumentKey,
  type News,
  type ReadFiles,
  type StoredDocument,
} from './registry-store.js';
import { remembered } from './remembered.js';
import { snapshot, type Contents } from './snapshot.js';

export type Documents = ReadonlyMap<string, StoredDocument>;

/** Where the files of a stored service stand while it is built. */
const ROOT = '/';

/** The stored documents that this node knows and the snapshot made of them; a service is built once for its content. */
export class RegistryShelf {
  revision = 0;
  private known: Documents = new Map();
  private snapshot: Registry | null = null;
  private contents: Contents | null = null;
  private services = new Map<string, Service>();

  constructor(private readonly env: Environment) {}

  get isLoaded(): boolean {
    return this.snapshot !== null;
  }

  registry(): Registry {
    if (!this.snapshot) throw new Error('The registry has not been loaded: call start() first');
    return this.snapshot;
  }

  /** The snapshot with one service version as if it were published and, where nobody does yet, provided by somebody. */
  preview({ id, version }: DocumentKey): Registry {
    const { services, ...rest } = this.contents ?? {
      services: [],
      participants: [],
      systems: [],
      agreements: [],
      operators: [],
    };
    const published = services.map((one) =>
      one.id === id && one.version === version ? { ...one, status: 'published' as const } : one,
    );
    const systems = rest.systems.some(({ provides }) =>
      provides.some((one) => one.service === id && one.version === version),
    )
      ? rest.systems
      : [
          ...rest.systems,
          nobodyYet(id, version, this.ownerOf({ kind: 'service', id, version }) ?? rest.participants[0]?.id),
        ];
    return snapshot({ revision: `${this.revision} with ${id} v${version}`, ...rest, systems, services: published });
  }

  private ownerOf(key: DocumentKey): string | undefined {
    const document = this.known.get(keyText(key))?.document;
    return document?.kind === 'service' ? document.owner : undefined;
  }

  documents(): Documents {
    return this.known;
  }

  /** The known documents with what is new. */
  with({ changed, removed }: Pick<News, 'changed' | 'removed'>): Documents {
    if (changed.length + removed.length === 0) return this.known;
    const documents = new Map(this.known);
    for (const key of removed) documents.delete(keyText(key));
    for (const one of changed) documents.set(keyText(one.key), one);
    return documents;
  }

  /** One at a time. Swaps the snapshot at once when the new one is made, or gives the problems for which it cannot and keeps it. */
  async take(news: News, files: ReadFiles): Promise<readonly RegistryProblem[]> {
    const documents = this.with(news);
    const built = await this.build([...documents.values()], files, assemble);
    await othersTurn();
    if (built.problems.length === 0) {
      this.contents = built.contents;
      this.snapshot = snapshot({ revision: String(news.revision), ...built.contents });
      this.services = built.services;
    }
    [this.known, this.revision] = [documents, news.revision];
    return built.problems;
  }

  /** What would be wrong after the edits. */
  async problemsOf(
    news: News,
    { edits, files: fresh }: Decision,
    files: ReadFiles,
  ): Promise<readonly RegistryProblem[]> {
    if (edits.length === 0) return [];
    const before = this.with(news);
    const after = new Map<string, Pick<StoredDocument, 'key' | 'document' | 'files'>>(before);
    const forbidden = edits.flatMap(({ key, after: content }): RegistryProblem[] => {
      const name = keyText(key);
      const was = before.get(name);
      if (content) after.set(name, { key, ...content });
      else after.delete(name);
      const why = was && forbiddenChange(was, content);
      return why ? [{ file: name, line: 1, ...why }] : [];
    });
    const read: ReadFiles = async (digests) => {
      const stored = await files(digests.filter((digest) => !fresh.has(digest)));
      return new Map([...stored, ...fresh]);
    };
    const { problems, services } = await this.build([...after.values()], read, assembleChecked);
    if (problems.length === 0) for (const [digest, service] of services) this.services.set(digest, service);
    return [...forbidden, ...problems];
  }

  private async build(documents: readonly Content[], files: ReadFiles, make: typeof assemble): Promise<Built> {
    const services = documents.filter(({ document }) => document.kind === 'service');
    const missing = services.filter((one) => !this.services.has(serviceDigest(one)));
    const bytes = await files([...new Set(missing.flatMap((one) => Object.values(one.files)))]);
    await othersTurn();
    const problems: RegistryProblem[] = [];
    const note: Noted = (problem) => void problems.push(problem);
    const built = new Map<string, Service>();
    const contentOf = new Map(services.map((one) => [one.document, one]));
    const service = ({ value, ...place }: Written<ServiceDocument>, problem: Problem): Service => {
      const content = contentOf.get(value)!;
      const digest = serviceDigest(content);
      const known = this.services.get(digest) ?? rebuildService({ value, ...place }, readerOf(content, bytes), problem);
      built.set(digest, known);
      return known;
    };
    const contents = make(documents.map(asWritten), { env: this.env, note, service });
    return { contents, problems, services: built };
  }
}

const nobodyYet = (service: string, version: number, owner = 'nobody-yet'): System => ({
  id: 'nobody-yet',
  participant: owner,
  credentials: [],
  provides: [{ service, version }],
  receives: null,
  receiptsTo: null,
});

type Content = Pick<StoredDocument, 'key' | 'document' | 'files'>;

interface Built {
  readonly contents: Contents;
  readonly problems: readonly RegistryProblem[];
  readonly services: Map<string, Service>;
}

const firstLine = () => 1;

/** Stored documents have no file and no lines: their place is their name. */
const asWritten = remembered(({ key, document }: Content): Written<RegistryDocument> => ({
  value: document,
  file: keyText(key),
  absolute: `${ROOT}document`,
  line: firstLine,
}));

const serviceDigest = remembered(({ document, files }: Content): string =>
  createHash('sha256').update(canonicalJson({ document, files })).digest('hex'),
);

const readerOf =
  ({ files }: Content, bytes: ReadonlyMap<string, Buffer>) =>
  (path: string): Buffer | null => {
    const digest = files[path.slice(ROOT.length)];
    return digest === undefined ? null : (bytes.get(digest) ?? null);
  };
