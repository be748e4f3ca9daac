import formatXml from 'xml-formatter';
import { isJson, isXml } from './media-types';

/** A document on lines of its own; as it came where it cannot be read. */
export function layOut(text: string, type: string): string {
  try {
    if (isXml(type)) return formatXml(text, { collapseContent: true, lineSeparator: '\n' });
    return isJson(type) ? JSON.stringify(JSON.parse(text), null, 2) : text;
  } catch {
    return text;
  }
}
