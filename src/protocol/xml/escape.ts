const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};

/**
 * Text as it may stand in element content and in attribute values of either quote. A character that XML 1.0 §2.2 does
 * not allow at all (C0 controls, lone surrogates, U+FFFE, U+FFFF) becomes U+FFFD, so that the result always parses.
 */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"'\r]/g, (character) => ENTITIES[character] ?? character);
}
