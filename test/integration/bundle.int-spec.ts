import { execFileSync } from 'node:child_process';
import { crc32, deflateRawSync } from 'node:zlib';
import { BundleError, packBundle, readBundle } from '../../src/registry/bundle/bundle.js';

/** One entry of an archive made by hand, honest unless told otherwise. */
interface Part {
  readonly name: string;
  readonly bytes?: Buffer;
  readonly stored?: boolean;
  /** General purpose flags; 1: encrypted. */
  readonly flags?: number;
  /** Unix mode; 0o120777: a symbolic link. */
  readonly mode?: number;
  /** The uncompressed size that the headers claim. */
  readonly claims?: number;
  readonly checksum?: number;
}

const words = (...values: readonly (readonly [number, 2 | 4])[]) => {
  const bytes = Buffer.alloc(values.reduce((sum, [, size]) => sum + size, 0));
  let at = 0;
  for (const [value, size] of values) at = bytes.writeUIntLE(value, at, size);
  return bytes;
};

/** APPNOTE 6.3 §4.3.7, §4.3.12, §4.3.16. */
function zip(...parts: readonly Part[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes = Buffer.from('x'), stored = false, flags = 0, mode = 0o100644, ...lies } of parts) {
    const data = stored ? bytes : deflateRawSync(bytes);
    const path = Buffer.from(name);
    const facts = [
      [20, 2],
      [flags | 0x800, 2],
      [stored ? 0 : 8, 2],
      [0, 2],
      [0x21, 2],
      [lies.checksum ?? crc32(bytes), 4],
      [data.length, 4],
      [lies.claims ?? bytes.length, 4],
      [path.length, 2],
      [0, 2],
    ] as const;
    const local = Buffer.concat([words([0x04034b50, 4], ...facts), path, data]);
    const external = (mode * 0x10000) >>> 0;
    const rest = [
      [0, 2],
      [0, 2],
      [0, 2],
      [external, 4],
      [offset, 4],
    ] as const;
    central.push(words([0x02014b50, 4], [0x0314, 2], ...facts, ...rest), path);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const count = parts.length;
  const end = words(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [count, 2],
    [count, 2],
    [directory.length, 4],
    [offset, 4],
    [0, 2],
  );
  return Buffer.concat([...locals, directory, end]);
}

async function problemsOf(bytes: Buffer): Promise<readonly string[]> {
  const error: unknown = await readBundle(bytes).then(
    () => null,
    (refused: unknown) => refused,
  );
  if (!(error instanceof BundleError)) throw error ?? new Error('the bundle was taken');
  return error.problems.map(({ file, message }) => `${file} ${message}`.trim());
}

const textsOf = async (bytes: Buffer) =>
  Object.fromEntries([...(await readBundle(bytes))].map(([path, file]) => [path, file.toString()]));

describe('a bundle of interface files', () => {
  it('1: gives the files by their paths', async () => {
    const bytes = zip(
      { name: 'service.yaml' },
      { name: 'xsd/' },
      { name: 'xsd/a.xsd', bytes: Buffer.from('<a/>'), stored: true },
    );
    expect(await textsOf(bytes)).toEqual({ 'service.yaml': 'x', 'xsd/a.xsd': '<a/>' });
  });

  it('1: leaves out the one folder that all files lie in, and what macOS adds', async () => {
    const bytes = zip(
      { name: 'demo/' },
      { name: 'demo/a' },
      { name: '__MACOSX/demo/._a' },
      { name: 'demo/b/.DS_Store' },
      { name: 'demo/b/c' },
    );
    expect(await textsOf(bytes)).toEqual({ a: 'x', 'b/c': 'x' });
    expect(Object.keys(await textsOf(zip({ name: 'a/x' }, { name: 'b/x' })))).toEqual(['a/x', 'b/x']);
  });

  it('1: reads what it packs, and packs the same bytes for the same files', async () => {
    const files = new Map([
      ['b/è.xsd', Buffer.from('<b/>')],
      ['a.yaml', Buffer.alloc(0)],
    ]);
    const packed = await packBundle(files);
    expect(new Map(await readBundle(packed))).toEqual(new Map([...files].reverse()));
    expect((await packBundle(new Map([...files].reverse()))).equals(packed)).toBe(true);
  });

  it('1: reads the archives of another program', async () => {
    const script = `
import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('top/a.xsd', '<a/>' * 1000)
    archive.writestr('top/d/b.json', '{}')
sys.stdout.buffer.write(out.getvalue())`;
    const files = await readBundle(execFileSync('/usr/bin/python3', ['-c', script]));
    expect([...files].map(([path, { length }]) => [path, length])).toEqual([
      ['a.xsd', 4000],
      ['d/b.json', 2],
    ]);
  });

  it('1: leaves an archive inside as it is', async () => {
    const inner = zip({ name: '../evil' });
    expect((await readBundle(zip({ name: 'inner.zip', bytes: inner }))).get('inner.zip')).toEqual(inner);
  });

  it.each(['../a', 'a/../../b', 'a/..', '/etc/passwd', 'C:/a', 'c:a', 'a//b', './a', '..'])(
    '1: refuses the path %j',
    async (name) => {
      expect(await problemsOf(zip({ name }, { name: 'ok' }))).toEqual([`${name} has a path that leaves the archive`]);
    },
  );

  it.each(['a\\b', '..\\a', '\\\\host\\a', 'a\u0000.xsd', 'a\nb'])('1: refuses the name %j', async (name) => {
    expect(await problemsOf(zip({ name }))).toEqual([
      expect.stringMatching(/backslash or control character|no archive/),
    ]);
  });

  it.each([
    ['is a symbolic link', { mode: 0o120777 }],
    ['is encrypted', { flags: 1 }],
    ['cannot be unpacked', { checksum: 1 }],
    ['cannot be unpacked', { bytes: Buffer.alloc(100), claims: 50 }],
    ['has a name of more than 200 characters', { name: 'n'.repeat(201) }],
    ['lies more than 12 folders deep', { name: Array(13).fill('d').join('/') }],
  ])('1: refuses what %s', async (message, part) => {
    expect(await problemsOf(zip({ name: 'a', ...part }))).toEqual([expect.stringContaining(message)]);
  });

  it('1: refuses a name that stands twice', async () => {
    expect(await problemsOf(zip({ name: 'a' }, { name: 'a' }))).toEqual([expect.stringMatching(/twice|no archive/)]);
  });

  it('1: names every wrong entry at once', async () => {
    expect(await problemsOf(zip({ name: '../a' }, { name: 'l', mode: 0o120777 }, { name: 'ok' }))).toHaveLength(2);
  });

  it('1: refuses more than 500 files and takes 500', async () => {
    const parts = Array.from({ length: 501 }, (_, n) => ({ name: `f${n}` }));
    expect(await problemsOf(zip(...parts))).toEqual(['holds more than 500 files']);
    expect((await readBundle(zip(...parts.slice(1)))).size).toBe(500);
  });

  it('1: refuses more than 2,000 entries of any kind', async () => {
    const parts = Array.from({ length: 2_001 }, (_, n) => ({ name: `d${n}/` }));
    expect(await problemsOf(zip(...parts))).toEqual(['holds more than 500 files']);
  });

  it('1: stops at 20 MiB unpacked, whatever the archive claims', async () => {
    const noise = Buffer.from(Array.from({ length: 64 * 1024 }, (_, n) => (n * n * 31 + (n >> 3)) & 255));
    const bytes = Buffer.concat(Array<Buffer>(112).fill(noise));
    const parts = ['a', 'b', 'c'].map((name) => ({ name, bytes }));
    expect(await problemsOf(zip(...parts))).toEqual(['is bigger than 20 MiB unpacked']);
    expect(await problemsOf(zip({ name: 'a', bytes: Buffer.concat([bytes, bytes, bytes]), claims: 10 }))).toHaveLength(
      1,
    );
  });

  it('1: stops at a file that grows more than documents do', async () => {
    const bytes = Buffer.alloc(10 * 1024 * 1024);
    expect(await problemsOf(zip({ name: 'a', bytes }))).toEqual(['a grows to more than 200 times its size']);
  });

  it('1: refuses entries that share their bytes', async () => {
    const bytes = zip({ name: 'a', bytes: Buffer.alloc(1000) }, { name: 'b', bytes: Buffer.alloc(1000) });
    const second = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    bytes.writeUInt32LE(0, second + 42);
    expect(await problemsOf(bytes)).toHaveLength(1);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('kind: service')],
    ['an archive that is cut', zip({ name: 'a' }).subarray(0, -4)],
    ['an archive with more behind it', Buffer.concat([zip({ name: 'a' }), Buffer.from('more')])],
  ])('1: refuses %s', async (_what, bytes) => {
    expect(await problemsOf(bytes)).toEqual([expect.stringContaining('is no archive that can be read')]);
  });
});
