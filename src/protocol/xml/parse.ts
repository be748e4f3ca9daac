import { Fault } from '../../message/fault.js';
import { toUtf8 } from './encoding.js';
import { freeDocument, hasDoctype, parse, rootElement, type DocumentPointer, type NodePointer } from './libxml.js';
import { surveyXml, type XmlLimits } from './survey.js';

/** A document in the memory of libxml2: it is to be freed by `freeDocument` exactly once. */
export interface ParsedXml {
  readonly document: DocumentPointer;
  readonly root: NodePointer;
  /** The bytes in UTF-8 without byte order mark, and the offsets of the start tags in them. */
  readonly utf8: Buffer;
  readonly startTags: readonly number[];
  /** True where the bytes that came are UTF-8. */
  readonly unchanged: boolean;
}

/**
 * Reads bytes safely: no network, no files, no DTD, no entities of the document's own, bounded depth and node count.
 * Throws encoding-wrong, dtd-forbidden, too-deep, too-complex, not-well-formed.
 */
export function parseXml(bytes: Buffer, charset: string | null, limits: XmlLimits): ParsedXml {
  const { utf8, unchanged } = toUtf8(bytes, charset);
  const startTags = surveyXml(utf8, limits);
  const parsed = parse(utf8, null);
  if ('error' in parsed) {
    const { line, message } = parsed.error;
    throw new Fault('not-well-formed', { detail: `Line ${line}: ${message}`, place: `line ${line}` });
  }
  if (hasDoctype(parsed.document)) {
    freeDocument(parsed.document);
    throw new Fault('dtd-forbidden', { detail: 'The document carries a DOCTYPE.' });
  }
  return { document: parsed.document, root: rootElement(parsed.document), utf8, startTags, unchanged };
}
