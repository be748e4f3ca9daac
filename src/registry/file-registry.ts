import { resolve } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import type { Environment } from './documents/environment.js';
import { loadRegistry, LoadError, type Loaded } from './assembly/load.js';
import type { PortableDocument } from './documents/portable.js';
import { justChanged } from './just-changed.js';
import { RegistryError, type Registry, type RegistryProblem, type RegistrySource } from './registry.js';

interface FileRegistryParts {
  /** Directory of the documents; see examples/registry. */
  readonly directory: string;
  /** What `env:NAME` in a document means. */
  readonly env: Environment;
}

/** Quiet time after a change before the directory is read: an editor or a copy writes several files. */
const SETTLE_MS = 150;
/** Who never stops writing holds up a reload no longer than so many times of it. */
const MAX_WAITS = 20;

/**
 * The registry as documents in a directory. `start` loads it (throws RegistryError) and watches the directory and the
 * interface files that it names; a change swaps the whole snapshot, or reports a problem and keeps the old one.
 */
export function createFileRegistry(parts: FileRegistryParts): FileRegistrySource {
  return new FileRegistry(resolve(parts.directory), parts.env);
}

/** The registry as its documents say, with what is to be applied to the store. */
export interface FileRegistrySource extends RegistrySource {
  inputs(): readonly PortableDocument[];
}

class FileRegistry implements FileRegistrySource {
  private readonly changed: ((registry: Registry) => void)[] = [];
  private readonly refused: ((error: RegistryError) => void)[] = [];
  private loaded: Loaded | null = null;
  private wrong: readonly RegistryProblem[] = [];
  private watcher: FSWatcher | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly root: string,
    private readonly env: Environment,
  ) {}

  current(): Registry {
    return this.last().registry;
  }

  inputs(): readonly PortableDocument[] {
    return this.last().inputs;
  }

  private last(): Loaded {
    if (!this.loaded) throw new Error('The registry has not been loaded: call start() first');
    return this.loaded;
  }

  problems(): readonly RegistryProblem[] {
    return this.wrong;
  }

  async reload(): Promise<Registry> {
    const problem = this.loadAndReport();
    if (problem) throw problem;
    return this.current();
  }

  onChange(listener: (registry: Registry) => void): void {
    this.changed.push(listener);
  }

  onProblem(listener: (error: RegistryError) => void): void {
    this.refused.push(listener);
  }

  async start(): Promise<void> {
    if (this.watcher) return;
    this.load();
    this.watcher = await watchDirectory(this.root, () => this.onFile());
    this.loadAndReport();
  }

  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    await this.watcher?.close();
    this.watcher = null;
  }

  private load(): void {
    const { registry: before } = this.loaded ?? {};
    this.loaded = this.watching(() => loadRegistry(this.root, this.env));
    const { registry } = this.loaded;
    if (before && before.revision !== registry.revision) for (const listener of this.changed) listener(registry);
  }

  private watching(work: () => Loaded): Loaded {
    try {
      const loaded = work();
      this.watcher?.add([...loaded.files]);
      return loaded;
    } catch (error) {
      if (error instanceof LoadError) this.watcher?.add([...error.files]);
      throw error;
    }
  }

  /** Null where the documents are right. */
  private loadAndReport(): RegistryError | null {
    try {
      this.load();
      this.wrong = [];
      return null;
    } catch (error) {
      const problem = error instanceof RegistryError ? error : new RegistryError([unexpected(this.root, error)]);
      this.wrong = problem.problems;
      for (const listener of this.refused) listener(problem);
      return problem;
    }
  }

  private onFile(waits = 0): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (waits < MAX_WAITS && this.isBeingWritten()) this.onFile(waits + 1);
      else this.loadAndReport();
    }, SETTLE_MS);
  }

  /** On a busy machine the notice of one change comes while the next file is being written. */
  private isBeingWritten(): boolean {
    try {
      return justChanged(this.root, this.loaded?.files ?? [], SETTLE_MS);
    } catch {
      // What cannot be looked at cannot be loaded either, which tells what is wrong.
      return false;
    }
  }
}

/** Resolves once every file is under watch, so that no change after `start` is missed. */
async function watchDirectory(root: string, onFile: () => void): Promise<FSWatcher> {
  const watcher = watch(root, { ignoreInitial: true });
  await new Promise<void>((ready) => watcher.once('ready', () => ready()));
  watcher.on('all', onFile);
  return watcher;
}

const unexpected = (root: string, error: unknown) => ({
  file: root,
  line: 1,
  message: error instanceof Error ? error.message : String(error),
  hint: 'this is a defect of the gateway: report it',
});
