import { Fault } from '../message/fault.js';
import type { Environment } from './documents/environment.js';
import type { FileRegistrySource } from './file-registry.js';
import { planOfDirectory } from './documents/plan.js';
import { RegistryError, type Registry, type RegistryProblem, type RegistrySource } from './registry.js';
import type { Decision, DocumentKey, Documents, ReadFiles, RegistryStore, Writer } from './registry-store.js';
import { RegistryShelf } from './shelf.js';

interface StoredRegistryParts {
  readonly store: RegistryStore;
  readonly env: Environment;
  /** Documents of a directory, applied on start and whenever they change; null: the store alone says. */
  readonly directory: FileRegistrySource | null;
  /** Told when the store could not be asked. */
  readonly problem: (error: unknown) => void;
}

/** A change made elsewhere is in force here after this time at the latest. */
const LOOK_EVERY_MS = 1_000;
const DIRECTORY: Writer = { by: 'registry directory', reason: null };

/** The registry in the database: each node holds a snapshot and looks every second whether there is a newer revision. */
export interface StoredRegistry extends RegistrySource {
  /** Documents as they are stored, by `keyText`. */
  documents(): Documents;
  /** Milliseconds since the store was last asked with success. */
  age(): number;
  /** Why the last look failed where the store was away; null: it did not. */
  outage(): Fault | null;
  /**
   * Writes what `decide` gives for the newest documents, if the whole registry stays right with it. Throws RegistryError
   * with every problem (nothing is written), and what `decide` throws. The snapshot is swapped before it resolves.
   */
  write(decide: (documents: Documents) => Decision, writer: Writer): Promise<Decision>;
  /** The problems that the edits would cause; nothing is written. */
  tryOut(
    decide: (documents: Documents) => Decision,
  ): Promise<{ documents: Documents; decision: Decision; problems: readonly RegistryProblem[] }>;
  files: ReadFiles;
  /** The registry as it would be with this service version published and provided. Throws Error before start(). */
  preview(key: DocumentKey): Registry;
}

export function createStoredRegistry(parts: StoredRegistryParts): StoredRegistry {
  return new RegistryOfStore(parts);
}

class RegistryOfStore implements StoredRegistry {
  private readonly changed: ((registry: Registry) => void)[] = [];
  private readonly refused: ((error: RegistryError) => void)[] = [];
  private readonly shelf: RegistryShelf;
  private asked = 0;
  private away: Fault | null = null;
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private wrong: readonly RegistryProblem[] = [];

  constructor(private readonly parts: StoredRegistryParts) {
    this.shelf = new RegistryShelf(parts.env);
  }

  current = (): Registry => this.shelf.registry();
  documents = (): Documents => this.shelf.documents();
  problems = (): readonly RegistryProblem[] => [...(this.parts.directory?.problems() ?? []), ...this.wrong];
  age = (): number => performance.now() - this.asked;
  outage = (): Fault | null => this.away;
  onChange = (listener: (registry: Registry) => void): void => void this.changed.push(listener);
  onProblem = (listener: (error: RegistryError) => void): void => void this.refused.push(listener);
  preview = (key: DocumentKey): Registry => this.shelf.preview(key);
  files: ReadFiles = (digests) => this.parts.store.files(digests);

  async start(): Promise<void> {
    const { directory } = this.parts;
    await directory?.start();
    await this.look();
    if (directory) await this.applyDirectory();
    directory?.onChange(() => void this.applyDirectory().catch(() => undefined));
    directory?.onProblem((error) => this.tell(error));
    const next = () => void this.look().catch(this.parts.problem).finally(schedule);
    const schedule = () => void (this.timer = this.timer === null ? null : setTimeout(next, LOOK_EVERY_MS));
    this.timer = setTimeout(next, LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.parts.directory?.stop();
    await this.turn;
  }

  async reload(): Promise<Registry> {
    // Reading a directory takes long: what the store has is in force before it.
    await this.look();
    await this.parts.directory?.reload();
    if (this.parts.directory) await this.applyDirectory();
    return this.current();
  }

  async write(decide: (documents: Documents) => Decision, writer: Writer): Promise<Decision> {
    return this.inTurn(async () => {
      let made: Decision = { edits: [], files: new Map() };
      await this.parts.store.write(
        this.shelf.revision,
        async (news, files) => {
          made = decide(this.shelf.with(news));
          const problems = await this.shelf.problemsOf(news, made, files);
          if (problems.length > 0) throw new RegistryError(problems);
          return made;
        },
        writer,
      );
      await this.follow();
      return made;
    });
  }

  tryOut(decide: (documents: Documents) => Decision) {
    return this.inTurn(async () => {
      await this.follow();
      const documents = this.shelf.documents();
      const decision = decide(documents);
      const nothing = { revision: this.shelf.revision, changed: [], removed: [] };
      return { documents, decision, problems: await this.shelf.problemsOf(nothing, decision, this.files) };
    });
  }

  private async applyDirectory(): Promise<void> {
    const inputs = this.parts.directory?.inputs() ?? [];
    try {
      await this.write((documents) => planOfDirectory(documents, inputs), DIRECTORY);
      this.wrong = [];
    } catch (error) {
      this.report(error);
      throw error;
    }
  }

  private look(): Promise<void> {
    return this.inTurn(async () => {
      try {
        const revision = await this.parts.store.revision();
        this.asked = performance.now();
        if (revision !== this.shelf.revision || !this.shelf.isLoaded) await this.follow();
        this.away = null;
      } catch (error) {
        this.away = error instanceof Fault && error.code === 'store-unavailable' ? error : null;
        throw error;
      }
    });
  }

  /** Takes what is new; a registry that this node cannot build (a variable that is missing here) keeps the last good one. */
  private async follow(): Promise<void> {
    const news = await this.parts.store.since(this.shelf.revision);
    this.asked = performance.now();
    if (this.shelf.isLoaded && news.revision === this.shelf.revision) return;
    const problems = await this.shelf.take(news, this.files);
    if (problems.length > 0) return this.report(new RegistryError(problems));
    for (const listener of this.changed) listener(this.current());
  }

  private report(error: unknown): void {
    if (!(error instanceof RegistryError)) return this.parts.problem(error);
    this.wrong = error.problems;
    this.tell(error);
  }

  private tell(error: RegistryError): void {
    for (const listener of this.refused) listener(error);
  }

  /** One look or write at a time: each begins with what the one before has seen. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
