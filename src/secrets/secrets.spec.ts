import { randomBytes } from 'node:crypto';
import { readMasterKeys } from './master-keys.js';
import { createSeal, isSealed, openBytes, sealBytes } from './seal.js';
import { maskedDocument, unmaskedDocument } from './masked-documents.js';
import { openDocument, resealDocument, sealDocument } from './sealed-documents.js';
import { objectKey, openSegments, sealSegments } from './segments.js';

const key = () => randomBytes(32).toString('base64');
const [old, current] = [`old:${key()}`, key()];
const code = (wanted: string) => expect.objectContaining({ code: wanted }) as Error;

describe('master keys', () => {
  it('5: are read with and without an id, the first one seals, every one opens', () => {
    const before = createSeal(readMasterKeys(old));
    const after = createSeal(readMasterKeys(`${current}\n${old}\n`));
    const sealed = before.seal('secret', 'here');
    expect(isSealed(sealed)).toBe(true);
    expect(sealed).toMatch(/^sealed\$1\$old\$/);
    expect(after.open(sealed, 'here').toString()).toBe('secret');
    expect([after.isCurrent(sealed), after.isCurrent(after.seal('x', 'here'))]).toEqual([false, true]);
    expect(() => before.open(after.seal('x', 'here'), 'here')).toThrow(code('internal'));
  });

  it.each([
    '',
    'short',
    `two:${key()} two:${key()}`,
    'id:' + randomBytes(16).toString('base64'),
    `${key()} nonsense-canary`,
  ])('5: refuses %s, and quotes none of it', (text) => {
    expect(() => readMasterKeys(text)).toThrow(/^(?!.*canary)/);
    for (const part of text.split(/[\s:]+/).filter((one) => one.length > 8))
      expect(() => readMasterKeys(text)).not.toThrow(part);
  });

  it('5: what is sealed opens in its own context only, unchanged only, and never looks the same', () => {
    const seal = createSeal(readMasterKeys(current));
    const sealed = seal.seal('secret', 'header');
    expect(seal.seal('secret', 'header')).not.toBe(sealed);
    expect(() => seal.open(sealed, 'another')).toThrow(code('internal'));
    expect(() => seal.open(sealed.slice(0, -4) + 'AAAA', 'header')).toThrow(code('internal'));
    const [one, two] = [randomBytes(32), randomBytes(32)];
    const bytes = sealBytes(one, Buffer.from('content'), 'message');
    expect(openBytes(one, bytes, 'message').toString()).toBe('content');
    expect(() => openBytes(two, bytes, 'message')).toThrow(code('internal'));
    expect(() => openBytes(one, bytes.subarray(0, 10), 'message')).toThrow(code('internal'));
  });
});

describe('documents', () => {
  const seal = createSeal(readMasterKeys(current));
  const system = {
    kind: 'system',
    id: 's',
    receives: { url: 'https://user:canary@host/', headers: { authorization: 'Bearer canary', 'x-key': 'env:KEY' } },
    callbacks: [{ url: 'https://host/', headers: { 'x-key': 'env:KEY|canary' } }],
    provides: [{ endpoint: { url: 'https://host/', headers: { 'x-key': 'canary' } } }],
  };

  it('5: of systems are stored with header values and passwords in addresses sealed, and read as they were', () => {
    const stored = sealDocument(system, seal);
    const text = JSON.stringify(stored);
    expect(text).not.toContain('canary');
    expect(text.match(/sealed\$1\$/g)).toHaveLength(4);
    expect(stored.receives.headers['x-key']).toBe('env:KEY');
    expect(openDocument(stored, seal)).toEqual(system);
    expect(JSON.stringify(maskedDocument(system))).not.toContain('canary');
    expect(() => openDocument(stored, null)).toThrow('CROCEVIA_MASTER_KEY_FILE');
    expect(() => openDocument({ ...stored, id: 'another' }, seal)).toThrow(code('internal'));
    expect(sealDocument(system, null)).toBe(system);
  });

  it('5: are shown without them, and taken back with what is stored for the same address', () => {
    const shown = maskedDocument(system);
    expect(shown.receives).toEqual({
      url: 'https://***:***@host/',
      headers: { authorization: '***', 'x-key': 'env:KEY' },
    });
    expect(unmaskedDocument(shown, system)).toEqual({ document: system, missing: [] });
    expect(unmaskedDocument(system, undefined)).toEqual({ document: system, missing: [] });
    const moved = { ...shown, receives: { ...shown.receives, url: 'https://elsewhere/' } };
    expect(unmaskedDocument(moved, system).missing).toEqual(['receives.headers.authorization']);
    expect(JSON.stringify(unmaskedDocument(moved, system).document.receives)).not.toContain('canary');
    expect(unmaskedDocument(shown, undefined).missing).toHaveLength(4);
    const first = { endpoint: { url: 'https://new/', headers: { 'x-key': 'new' } } };
    const added = unmaskedDocument(
      { ...shown, callbacks: [], provides: [first, ...shown.provides] },
      { ...system, callbacks: [] },
    );
    expect(added).toMatchObject({ missing: [], document: { provides: [first, ...system.provides] } });
  });

  it('5: are sealed anew with the first key, also where they lay in clear; once', () => {
    const rotated = createSeal(readMasterKeys(`new:${key()} ${current}`));
    for (const stored of [system, sealDocument(system, seal)]) {
      const anew = resealDocument(stored, rotated);
      expect(JSON.stringify(anew).match(/sealed\$1\$new/g)).toHaveLength(4);
      expect(openDocument(anew, rotated)).toEqual(system);
      expect(resealDocument(anew, rotated)).toBe(anew);
    }
  });
});

describe('segments', () => {
  const KIB = 1024;
  const whole = async (source: AsyncIterable<Buffer>) => {
    const pieces: Buffer[] = [];
    for await (const piece of source) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const once = async function* (bytes: Buffer) {
    yield bytes;
  };
  const own = objectKey(randomBytes(32), 'object');
  const reading = (sealed: Buffer) =>
    async function* (from: number, to: number) {
      yield sealed.subarray(from, to);
      if (to > sealed.length) throw new Error('too short');
    };

  it.each([0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 200 * KIB])(
    '5: give back any range of %i bytes',
    async (size) => {
      const plain = randomBytes(size);
      const read = reading(await whole(sealSegments(own, once(plain))));
      const ranges = [
        [0, size],
        [0, 1],
        [size - 1, size],
        [64 * KIB - 1, 64 * KIB + 1],
        [5, 5],
      ] as const;
      for (const [from, to] of ranges.filter(([a, b]) => a >= 0 && b <= size))
        expect((await whole(openSegments(own, read, from, to))).equals(plain.subarray(from, to))).toBe(true);
    },
  );

  it('5: that were changed, swapped, cut short or are of another object are refused', async () => {
    const sealed = await whole(sealSegments(own, once(randomBytes(200 * KIB))));
    const one = 64 * KIB + 16;
    const changed = Buffer.from(sealed);
    changed[3 * KIB]! ^= 1;
    const swapped = Buffer.concat([sealed.subarray(one, 2 * one), sealed.subarray(0, one), sealed.subarray(2 * one)]);
    const cut = sealed.subarray(0, 2 * one);
    for (const bad of [changed, swapped, cut, sealed.subarray(0, -1)])
      await expect(whole(openSegments(own, reading(bad), 0, 200 * KIB))).rejects.toThrow(code('store-unavailable'));
    const another = objectKey(randomBytes(32), 'object');
    await expect(whole(openSegments(another, reading(sealed), 0, 10))).rejects.toThrow(code('store-unavailable'));
    await expect(whole(openSegments(own, reading(sealed), 200 * KIB, 200 * KIB + 1))).rejects.toThrow(
      code('store-unavailable'),
    );
  });
});
