import fc from 'fast-check';
import { cleanValue, joinHeaders } from './headers.js';

describe('joinHeaders', () => {
  it('lets the later list win, whatever the case of the name', () => {
    expect(joinHeaders({ 'Content-Type': 'a', 'x-a': '1' }, { 'content-type': 'b' })).toEqual({
      'content-type': 'b',
      'x-a': '1',
    });
  });

  it('keeps values that HTTP can carry, and percent-encodes the rest', () => {
    expect(cleanValue('"urn:a" è\t%20')).toBe('"urn:a" è\t%20');
    expect(cleanValue('a\r\nb\u0000\u007f\u0085€😀\ud800')).toBe('a%0D%0Ab%00%7F%C2%85%E2%82%AC%F0%9F%98%80%EF%BF%BD');
  });

  it('6: never leaves a character that could end the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(cleanValue(value)).toMatch(/^[\t\x20-\x7e\xa0-\xff]*$/);
      }),
    );
  });
});
