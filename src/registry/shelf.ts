import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { canonicalJson } from '../protocol/json/canonical.js';
import { assemble, assembleChecked } from './assembly/assemble.js';
import { rebuildService } from './assembly/build-service.js';
import type { RegistryDocument, ServiceDocument } from './documents/document-types.js';
import type { Noted, Written } from './documents/documents.js';
import type { Environment, Problem } from './documents/environment.js';
import { forbiddenChange } from './lifecycle.js';
import type { Service } from './model.js';
import { asPublished } from './preview.js';
import type { Registry, RegistryProblem } from './registry.js';
import {
  keyText,
  type Decision,
  type DocumentKey,
  type Documents,
  type Edit,
  type News,
  type ReadFiles,
  type StoredDocument,
} from './registry-store.js';
import { remembered } from './remembered.js';
import { snapshot, type Contents } from './snapshot.js';

/** Where the files of a stored service stand while it is built. */
const ROOT = '/';

/** The stored documents that this node knows and the snapshot made of them; a service is built once for its content. */
export class RegistryShelf {
  revision = 0;
  private known: Documents = new Map();
  private loaded: { readonly contents: Contents; readonly registry: Registry } | null = null;
  private services = new Map<string, Service>();

  constructor(private readonly env: Environment) {}

  get isLoaded(): boolean {
    return this.loaded !== null;
  }

  registry(): Registry {
    return this.inForce().registry;
  }

  /** The registry with one service version as in `asPublished`. */
  preview(key: DocumentKey): Registry {
    const revision = `${this.revision} with ${key.id} v${key.version}`;
    return snapshot({ revision, ...asPublished(this.inForce().contents, key) });
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
      const { contents } = built;
      this.loaded = { contents, registry: snapshot({ revision: String(news.revision), ...contents }) };
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
    const after = new Map<string, Content>(before);
    const forbidden = edits.flatMap(({ key, after: content, line }): RegistryProblem[] => {
      const name = keyText(key);
      const was = before.get(name);
      if (content) after.set(name, { key, ...content, ...(line && { line }) });
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

  private inForce() {
    if (!this.loaded) throw new Error('The registry has not been loaded: call start() first');
    return this.loaded;
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

type Content = Pick<StoredDocument, 'key' | 'document' | 'files'> & Pick<Edit, 'line'>;

interface Built {
  readonly contents: Contents;
  readonly problems: readonly RegistryProblem[];
  readonly services: Map<string, Service>;
}

const firstLine = () => 1;

/** Stored documents have no file and no lines: their place is their name. What is tried out may have lines. */
const asWritten = remembered(({ key, document, line = firstLine }: Content): Written<RegistryDocument> => ({
  value: document,
  file: keyText(key),
  absolute: `${ROOT}document`,
  line,
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
