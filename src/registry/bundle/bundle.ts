import {
  configure,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
  type Entry,
  type FileEntry,
} from '@zip.js/zip.js';
import { reason } from '../interface/interface-files.js';
import { BUNDLE_LIMITS, type BundleLimits } from '../interface/interface-limits.js';
import { RegistryError, type RegistryProblem } from '../registry.js';

/** A bundle that was refused, with every problem found before it was given up. */
export class BundleError extends RegistryError {}

/** Local time, so that the DOS date in the archive is the same in every time zone. */
const EPOCH = new Date(1980, 0, 1);

configure({ useWebWorkers: false });

/**
 * The files of a ZIP archive by their paths (`a/b.xsd`), without the one folder that all of them may lie in. Nothing is
 * written to disk, an archive inside is a file like others. Throws BundleError for what is no ZIP, for entries that no
 * folder could hold (see `flawIn`) and for archives over the limits; unpacking stops where one is passed.
 */
export async function readBundle(
  bytes: Buffer,
  limits: BundleLimits = BUNDLE_LIMITS,
): Promise<ReadonlyMap<string, Buffer>> {
  if (bytes.length > limits.unpacked) throw refusal('', tooBig(limits), NOT_NEEDED);
  const reader = new ZipReader(new Uint8ArrayReader(bytes), { strictness: 'strict', filenameValidation: 'tolerant' });
  try {
    return withoutTopFolder(await unpacked(await listed(reader, limits), limits));
  } catch (error) {
    if (error instanceof BundleError) throw error;
    throw refusal(
      nameIn(error),
      `is no archive that can be read: ${reason(error)}`,
      'pack the files anew as a plain ZIP',
    );
  } finally {
    await reader.close();
  }
}

/** A ZIP archive of the files, the same bytes for the same files. */
export async function packBundle(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { lastModDate: EPOCH, extendedTimestamp: false, level: 9 });
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    await writer.add(path, new Uint8ArrayReader(bytes));
  return Buffer.from(await writer.close());
}

const NOT_NEEDED = 'leave out what the interface does not need';
const tooBig = ({ unpacked: bytes }: BundleLimits) => `is bigger than ${bytes / 1024 / 1024} MiB`;

const refusal = (file: string, message: string, hint: string) => new BundleError([{ file, line: 1, message, hint }]);

/** What the library says of one entry carries its name. */
const nameIn = (error: unknown): string =>
  error instanceof Error && 'filename' in error && typeof error.filename === 'string' ? error.filename : '';

async function listed(reader: ZipReader<unknown>, limits: BundleLimits): Promise<readonly FileEntry[]> {
  const problems: RegistryProblem[] = [];
  const files = new Map<string, FileEntry>();
  let seen = 0;
  for await (const entry of reader.getEntriesGenerator()) {
    const { filename } = entry;
    seen++;
    if (isFinderData(filename) && seen <= limits.entries) continue;
    if (files.size >= limits.files || seen > limits.entries)
      throw refusal('', `holds more than ${limits.files} files`, NOT_NEEDED);
    const flaw = files.has(filename) ? DUPLICATE : flawIn(entry, limits);
    if (flaw) problems.push({ file: filename.slice(0, limits.pathLength), line: 1, ...flaw });
    if (!entry.directory) files.set(filename, entry);
  }
  if (problems.length > 0) throw new BundleError(problems);
  return [...files.values()];
}

/** What macOS adds to every archive that it packs. */
const isFinderData = (name: string) => name.startsWith('__MACOSX/') || /(^|\/)\.DS_Store$/.test(name);

interface Flaw {
  readonly message: string;
  readonly hint: string;
}

const DUPLICATE: Flaw = { message: 'stands twice in the archive', hint: 'pack each file once' };

function flawIn({ filename, encrypted, symlink }: Entry, limits: BundleLimits): Flaw | null {
  if (encrypted) return { message: 'is encrypted', hint: 'pack without a password' };
  if (symlink) return { message: 'is a symbolic link', hint: 'pack the file itself' };
  return flawInName(filename.replace(/\/$/, ''), limits);
}

function flawInName(name: string, { pathLength, pathLevels }: BundleLimits): Flaw | null {
  const steps = name.split('/');
  if (name.length > pathLength)
    return { message: `has a name of more than ${pathLength} characters`, hint: 'shorten it' };
  if (steps.length > pathLevels)
    return { message: `lies more than ${pathLevels} folders deep`, hint: 'pack fewer folders' };
  if (/[\\\u0000-\u001f\u007f]/.test(name))
    return { message: 'has a backslash or control character in its name', hint: 'separate folders with /' };
  if (/^[A-Za-z]:/.test(name) || steps.some((step) => step === '' || step === '.' || step === '..'))
    return { message: 'has a path that leaves the archive', hint: 'pack with paths relative to one folder' };
  return null;
}

async function unpacked(entries: readonly FileEntry[], limits: BundleLimits): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let room = limits.unpacked;
  for (const entry of entries) {
    const bytes = await unpack(entry, room, limits);
    room -= bytes.length;
    files.set(entry.filename, bytes);
  }
  return files;
}

/** Counts the bytes as they come: what the archive says of its sizes is not believed. */
async function unpack(entry: FileEntry, room: number, limits: BundleLimits): Promise<Buffer> {
  const { ratio, ratioFrom } = limits;
  const ratioLimit = Math.max(ratioFrom, entry.compressedSize * ratio);
  const chunks: Uint8Array[] = [];
  let size = 0;
  let refused: BundleError | null = null;
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => {
      size += chunk.length;
      if (size > room) refused = refusal('', `${tooBig(limits)} unpacked`, NOT_NEEDED);
      else if (size > ratioLimit)
        refused = refusal(entry.filename, `grows to more than ${ratio} times its size`, 'this is no document');
      if (refused) throw refused;
      chunks.push(chunk.slice());
    },
  });
  try {
    await entry.getData(writable, { checkSignature: true, checkOverlappingEntry: true });
  } catch (error) {
    throw refused ?? refusal(entry.filename, `cannot be unpacked: ${reason(error)}`, 'pack the files anew');
  }
  return Buffer.concat(chunks);
}

function withoutTopFolder(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  const tops = new Set(
    [...files.keys()].map((path) => (path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : '')),
  );
  const [top = ''] = tops;
  if (tops.size !== 1 || top === '') return files;
  return new Map([...files].map(([path, bytes]) => [path.slice(top.length), bytes]));
}
