import { readFileSync } from 'node:fs';
import type { ReadFile } from './interface-files.js';

/** Files of this machine, each read once; `files` is what was read so far, by absolute path. */
export function diskFiles(): { readonly read: ReadFile; readonly files: Map<string, Buffer> } {
  const files = new Map<string, Buffer>();
  const read = (path: string) => {
    const bytes = files.get(path) ?? readIfThere(path);
    if (bytes) files.set(path, bytes);
    return bytes;
  };
  return { read, files };
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isFileError(error)) return null;
    throw error;
  }
}

/** An error of the file system, which carries a code such as ENOENT. */
export const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'code' in error;
