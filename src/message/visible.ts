/**
 * What shows nothing, or moves what is shown: control characters, formats (those that turn the direction of a line, zero-width ones),
 * separators of lines and paragraphs, and what fonts leave out (UAX #44 Default_Ignorable_Code_Point).
 */
const HIDDEN = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]`;
const IN_LINES = new RegExp(String.raw`(?![\n\t])${HIDDEN}`, 'gu');
const IN_JSON = new RegExp(String.raw`(?!\n)${HIDDEN}`, 'gu');

/** A text as it may be shown to people, whoever wrote it: each of these is written as `\u{...}`, but for line breaks and tabs. */
export const visibleText = (text: string): string =>
  text.replace(IN_LINES, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);

/** JSON text of the same value in which each of these is escaped (RFC 8259 §7); a line break can only stand between values. */
export const visibleJson = (json: string): string =>
  json.replace(IN_JSON, (one) =>
    [...Array(one.length).keys()].map((at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
