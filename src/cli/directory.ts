import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE_LIMITS } from '../registry/interface/interface-limits.js';
import { CommandError } from './client.js';

/** The bytes of a file that the user named, or null for a directory. Throws CommandError where there is neither. */
export async function readNamed(path: string): Promise<Buffer | null> {
  try {
    return (await stat(path)).isDirectory() ? null : await readFile(path);
  } catch (error) {
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

/**
 * The bundle of a service: a ZIP as it is, or the files of a directory packed. Dot files and node_modules are left out. Throws
 * BundleError for what the gateway would refuse to unpack, CommandError for what cannot be read.
 */
export async function serviceBundle(path: string): Promise<Buffer> {
  const { packBundle, readBundle } = await import('../registry/bundle/bundle.js');
  const packed = (await readNamed(path)) ?? (await packBundle(await filesBelow(path)));
  await readBundle(packed);
  return packed;
}

async function filesBelow(directory: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let bytes = 0;
  for await (const path of pathsBelow(directory, '')) {
    const file = await readNamed(join(directory, path));
    bytes += file?.length ?? 0;
    if (file) files.set(path, file);
    if (files.size > BUNDLE_LIMITS.files || bytes > BUNDLE_LIMITS.unpacked)
      throw new CommandError(
        `${directory} holds more than a bundle may: ${BUNDLE_LIMITS.files} files, ${BUNDLE_LIMITS.unpacked / 1024 / 1024} MiB`,
      );
  }
  if (files.size === 0) throw new CommandError(`${directory} holds no file`);
  return files;
}

async function* pathsBelow(directory: string, above: string): AsyncGenerator<string> {
  const entries = await readdir(join(directory, above), { withFileTypes: true });
  for (const entry of entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')) {
    const path = `${above}${entry.name}`;
    if (entry.isDirectory()) yield* pathsBelow(directory, `${path}/`);
    else if (entry.isFile()) yield path;
    else throw new CommandError(`${join(directory, path)} is no file: copy what it stands for into the directory`);
  }
}
