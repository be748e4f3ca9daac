import { resolve } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import type { Environment } from './environment.js';
import { loadRegistry, LoadError } from './load.js';
import { RegistryError, type Registry, type RegistrySource } from './registry.js';

interface FileRegistryParts {
  /** Directory of the documents; see examples/registry. */
  readonly directory: string;
  /** What `env:NAME` in a document means. */
  readonly env: Environment;
}

/** Quiet time after a change before the directory is read: an editor or a copy writes several files. */
const SETTLE_MS = 150;

/**
 * The registry as documents in a directory. `start` loads it (throws RegistryError) and watches the directory and the
 * interface files that it names; a change swaps the whole snapshot, or reports a problem and keeps the old one.
 */
export function createFileRegistry({ directory, env }: FileRegistryParts): RegistrySource {
  const root = resolve(directory);
  const changed: ((registry: Registry) => void)[] = [];
  const refused: ((error: RegistryError) => void)[] = [];
  let registry: Registry | null = null;
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | null = null;

  const load = (): Registry => {
    const loaded = watching(() => loadRegistry(root, env));
    const before = registry?.revision;
    registry = loaded.registry;
    if (before !== undefined && before !== registry.revision) for (const listener of changed) listener(registry);
    return registry;
  };
  const watching = (work: () => ReturnType<typeof loadRegistry>) => {
    try {
      const loaded = work();
      watcher?.add([...loaded.files]);
      return loaded;
    } catch (error) {
      if (error instanceof LoadError) watcher?.add([...error.files]);
      throw error;
    }
  };
  const loadAndReport = () => {
    try {
      load();
    } catch (error) {
      const problem = error instanceof RegistryError ? error : new RegistryError([unexpected(root, error)]);
      for (const listener of refused) listener(problem);
    }
  };
  const onFile = () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(loadAndReport, SETTLE_MS);
  };

  return {
    current: () => {
      if (!registry) throw new Error('The registry has not been loaded: call start() first');
      return registry;
    },
    reload: () => Promise.resolve().then(load),
    onChange: (listener) => void changed.push(listener),
    onProblem: (listener) => void refused.push(listener),
    start: async () => {
      if (watcher) return;
      load();
      watcher = await watchDirectory(root, onFile);
      loadAndReport();
    },
    stop: async () => {
      if (timer) clearTimeout(timer);
      await watcher?.close();
      watcher = null;
    },
  };
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
