import { visibleJson, visibleText } from './visible.js';

describe('text that strangers have written', () => {
  it.each([
    ['an escape sequence', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
    ['a title', '\u001b]0;root\u0007', '\\u{1b}]0;root\\u{7}'],
    ['a C1 control', '\u009b31m', '\\u{9b}31m'],
    ['a carriage return over what was printed', 'FAILED\rDELIVERED', 'FAILED\\u{d}DELIVERED'],
    ['another direction', 'c_\u202e408i', 'c_\\u{202e}408i'],
    ['a zero-width space', 'c_\u200bi804', 'c_\\u{200b}i804'],
    ['a byte order mark', 'a\ufeff', 'a\\u{feff}'],
    ['a filler', 'a\u3164', 'a\\u{3164}'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['a tag', 'a\u{e0041}', 'a\\u{e0041}'],
    ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
  ])('6: writes %s out', (_what, text, shown) => expect(visibleText(text)).toBe(shown));

  it('6: leaves lines, tabs, accents and other scripts alone', () => {
    const text = 'Città\tdi Sulmona\n東京 עיר 👍🏽';
    expect(visibleText(text)).toBe(text);
  });

  it('6: JSON keeps its value, and is one line where it was', () => {
    const value = { 'n\u202eame': ['a\u200b\u0085\u2028\u{e0041}\u007f', 'Città 東京 👍🏽', 'a\nb\tc\r'] };
    const json = visibleJson(`${JSON.stringify(value)}\n`);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).toMatch(/\}\n$/);
    expect(json.trimEnd()).toMatch(/^[\x20-\x7e\xa1-\u{1ffff}]+$/u);
    expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/u);
    expect(json).toContain('Città 東京 👍🏽');
  });
});
