import { setImmediate } from 'node:timers/promises';
import { withShape } from '../documents/check-shape.js';
import type { RegistryDocument } from '../documents/document-types.js';
import { lineFinder, type Noted, type Written } from '../documents/documents.js';
import { reason } from '../interface/interface-files.js';
import { TRANSFER_LIMITS } from '../interface/interface-limits.js';
import { parseYaml, YamlError } from '../interface/json/json-documents.js';

/** Documents read between two pauses in which other work of the process goes on. */
const AT_ONCE = 50;

/**
 * The documents of one YAML file of an archive that have the shape of their kind; the others are noted with their line. One
 * document is read at a time, so that a long file neither costs much nor holds the process up.
 */
export async function documentsIn(
  file: string,
  bytes: Buffer,
  note: Noted,
): Promise<readonly Written<RegistryDocument>[]> {
  const parts = split(bytes.toString('utf8'));
  if (parts.length > TRANSFER_LIMITS.documents) {
    const message = `holds more than ${TRANSFER_LIMITS.documents} documents`;
    note({ file, line: 1, message, hint: 'send the registry in parts' });
    return [];
  }
  const documents: Written<RegistryDocument>[] = [];
  let before = 0;
  for (const [index, part] of parts.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
    const written = readDocument(file, part, note, before);
    if (written) documents.push(...withShape([written], note));
    before += part.split('\n').length - 1;
  }
  return documents;
}

/** YAML lets no content begin a line with `---`. */
const split = (text: string): readonly string[] => text.split(/(?<=^|\n)(?=---(?:[ \t\r\n]|$))/);

/** One document of a file. Null where there is nothing, or nothing that can be read; `before` counts the lines above it. */
export function readDocument(file: string, text: string, note: Noted, before = 0): Written<unknown> | null {
  try {
    if (Buffer.byteLength(text) > TRANSFER_LIMITS.documentBytes)
      throw new Error(`is longer than ${TRANSFER_LIMITS.documentBytes / 1024} KiB`);
    const { value, document, lines } = parseYaml(text, false);
    const line = lineFinder(document, lines);
    return value === null ? null : { value, file, absolute: `/${file}`, line: (path) => before + line(path) };
  } catch (error) {
    const [line, message] = error instanceof YamlError ? [error.line, error.said] : [1, reason(error)];
    const hint = 'correct the YAML; indent with blanks, quote what has a colon';
    note({ file, line: before + line, message, hint });
    return null;
  }
}
