import { Fault } from '../message/fault.js';
import { eventCursors } from './event-cursor.js';

const KEY = Buffer.alloc(32, 7);

describe('positions in the journal', () => {
  const raiano = eventCursors(KEY, 'raiano');
  const sulmona = eventCursors(KEY, 'sulmona');

  it('4: are read again by whom they were given to, on every node', () => {
    for (const seq of [1, 2, 4_294_967_296, Number.MAX_SAFE_INTEGER])
      expect(eventCursors(KEY, 'raiano').read(raiano.write(seq))).toBe(seq);
    expect(raiano.read('0')).toBe(0);
  });

  it('4: tell neither their number nor their distance, and are another operator’s own', () => {
    const all = Array.from({ length: 1_000 }, (_, seq) => raiano.write(seq));
    expect(new Set(all).size).toBe(1_000);
    expect(all.every((one) => /^[\w-]{22}$/.test(one))).toBe(true);
    // What two neighbours have in common is what two random texts have: one bit in two.
    const bytes = all.map((one) => Buffer.from(one, 'base64url'));
    const bits = (byte: number) => byte.toString(2).replaceAll('0', '').length;
    const distances = bytes
      .slice(1)
      .map((one, at) => one.reduce((sum, byte, place) => sum + bits(byte ^ bytes[at]![place]!), 0));
    expect(Math.abs(distances.reduce((sum, one) => sum + one) / distances.length - 64)).toBeLessThan(2);
    expect(sulmona.write(5)).not.toBe(raiano.write(5));
  });

  it('4: of somebody else, guessed, or a number are refused alike', () => {
    const faultOf = (text: string) => {
      try {
        return raiano.read(text);
      } catch (error) {
        return error instanceof Fault && [error.code, error.info.detail, error.info.expected];
      }
    };
    const refused = faultOf('A'.repeat(22));
    expect(refused).toEqual([
      'parameter-wrong',
      expect.any(String),
      expect.stringContaining('this operator was given'),
    ]);
    for (const text of [sulmona.write(5), '1', '5', '-1', '', 'a'.repeat(23), `${raiano.write(5)} `, '9'.repeat(22)])
      expect(faultOf(text)).toEqual(refused);
  });
});
