import { escapeXml } from '../xml/escape.js';
import { SOAP, type SoapVersion } from './versions.js';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** An element with text: escaped, so that any text gives a well-formed document. */
export function element(name: string, text: string | number | boolean, attributes = ''): string {
  return `<${name}${attributes}>${escapeXml(String(text))}</${name}>`;
}

/** The same, or nothing where there is no text. */
export function optional(name: string, text: string | number | null | undefined): string {
  return text === null || text === undefined ? '' : element(name, text);
}

/** Everything before and after the content of Body. `header` is markup; empty leaves the Header out. */
export function envelopeAround(
  version: SoapVersion,
  header: string,
): { readonly before: string; readonly after: string } {
  const { prefix, namespace } = SOAP[version];
  const head = header === '' ? '' : `<${prefix}:Header>${header}</${prefix}:Header>`;
  return {
    before: `${DECLARATION}<${prefix}:Envelope xmlns:${prefix}="${namespace}">${head}<${prefix}:Body>`,
    after: `</${prefix}:Body></${prefix}:Envelope>`,
  };
}

export function writeEnvelope(version: SoapVersion, header: string, body: string): string {
  const { before, after } = envelopeAround(version, header);
  return before + body + after;
}

export const contentTypeOf = (version: SoapVersion) => `${SOAP[version].mediaType}; charset=utf-8`;
