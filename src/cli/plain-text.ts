/**
 * A text as a terminal may show it: what strangers have written could otherwise move its cursor, change its title or turn the direction
 * of a line. Line breaks and tabs stay; every other control character and each one that changes direction is written as `\u{...}`.
 */
export const plainText = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
