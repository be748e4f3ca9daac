import { plainText } from './plain-text.js';

describe('what the command prints', () => {
  it.each([
    ['an escape sequence', 'a\u001b[2Jb', 'a\\u{1b}[2Jb'],
    ['a title', '\u001b]0;root\u0007', '\\u{1b}]0;root\\u{7}'],
    ['a C1 control', '\u009b31m', '\\u{9b}31m'],
    ['a carriage return over what was printed', 'FAILED\rDELIVERED', 'FAILED\\u{d}DELIVERED'],
    ['another direction', 'c_\u202e408i', 'c_\\u{202e}408i'],
    ['an isolate', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
  ])('6: writes %s out', (_what, text, shown) => expect(plainText(text)).toBe(shown));

  it('6: leaves lines, tabs, accents and other scripts alone', () => {
    const text = 'Città\tdi Sulmona\n東京 עיר 👍🏽';
    expect(plainText(text)).toBe(text);
  });
});
