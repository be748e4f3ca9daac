import { textReplacer } from './replace-text.js';

const replaced = (json: string, path: string) => textReplacer(Buffer.from(json), path)?.('c_h007').toString();

describe('text in JSON', () => {
  it.each([
    [
      '{ "però": 1.0, "t": {"d" : "r_abruzz" , "x":"r_abruzz"} }',
      '{ "però": 1.0, "t": {"d" : "c_h007" , "x":"r_abruzz"} }',
    ],
    ['[{"a":1},{"t":[{"d":"x"},{"d":"y"}]}]', '[{"a":1},{"t":[{"d":"c_h007"},{"d":"y"}]}]'],
    ['{"t":{"d":"x","d":"y"}}', '{"t":{"d":"x","d":"c_h007"}}'],
    ['{"t":{"\\u0064":"x"}}', '{"t":{"\\u0064":"c_h007"}}'],
    ['{"t":{"d":""}}', '{"t":{"d":"c_h007"}}'],
  ])('7: is replaced at its place, the rest as it came: %s', (json, expected) => {
    expect(replaced(json, 't/d')).toBe(expected);
  });

  it.each(['{}', '{"t":1}', '{"t":{"d":{}}}', '[]', '7'])('7: is not found where it is not: %s', (json) => {
    expect(replaced(json, 't/d')).toBeUndefined();
  });
});
