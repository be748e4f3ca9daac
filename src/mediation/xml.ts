import { Parser } from 'xml2js';
import { Fault } from '../message/fault.js';
import { misfit } from './misfit.js';

export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** Without namespace declarations. */
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The element's own text, pieces joined. */
  readonly text: string;
  /** Prefix -> namespace in scope; '' is the default namespace. */
  readonly prefixes: Readonly<Record<string, string>>;
}

export interface XmlAttribute {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** What xml2js makes of one element under the options below. */
interface RawElement {
  readonly $ns?: { readonly uri: string; readonly local: string };
  readonly $?: Readonly<Record<string, RawAttribute>>;
  readonly $$?: readonly RawElement[];
  readonly _?: string;
}

interface RawAttribute {
  readonly value: string;
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
}

const OPTIONS = {
  xmlns: true,
  explicitRoot: false,
  explicitChildren: true,
  preserveChildrenOrder: true,
  explicitCharkey: true,
  charsAsChildren: true,
  includeWhiteChars: true,
  // No name of a document can then meet a key of xml2js or of Object.prototype.
  tagNameProcessors: [(name: string) => `<${name}`],
};

const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** Reads one document. A DOCTYPE is refused; there is no way to a file or the network. Throws mediation-failed. */
export function readXml(text: string, place: string): XmlElement {
  const parser = new Parser(OPTIONS);
  refuseDoctype(parser, place);
  let root: RawElement | null = null;
  let problem: Error | null = null;
  try {
    // XML 1.0 §2.11; xml2js leaves line ends as they are.
    parser.parseString(text.replace(/\r\n?/g, '\n'), (error, result: RawElement | null) => {
      problem ??= error;
      root ??= result;
    });
  } catch (error) {
    throw unreadable(place, error);
  }
  if (problem || !root) throw unreadable(place, problem);
  return elementOf(root, { xml: 'http://www.w3.org/XML/1998/namespace' });
}

function refuseDoctype(parser: Parser, place: string): void {
  const { saxParser } = parser as unknown as { saxParser: { ondoctype: () => void } };
  saxParser.ondoctype = () => {
    throw misfit('The document carries a DOCTYPE.', place);
  };
}

const unreadable = (place: string, cause: unknown) =>
  cause instanceof Fault ? cause : misfit('The XML cannot be read.', place, { cause });

function elementOf(raw: RawElement, outer: XmlElement['prefixes']): XmlElement {
  const attributes = Object.values(raw.$ ?? {});
  const prefixes = scope(attributes, outer);
  const parts = raw.$$ ?? [];
  return {
    namespace: raw.$ns?.uri ?? '',
    name: raw.$ns?.local ?? '',
    attributes: attributes
      .filter(({ uri }) => uri !== XMLNS)
      .map(({ uri, local, value }) => ({ namespace: uri, name: local, value })),
    children: parts.filter((part) => part.$ns).map((part) => elementOf(part, prefixes)),
    text: parts
      .filter((part) => !part.$ns)
      .map((part) => part._ ?? '')
      .join(''),
    prefixes,
  };
}

function scope(attributes: readonly RawAttribute[], outer: XmlElement['prefixes']): XmlElement['prefixes'] {
  const declared = attributes.filter(({ uri }) => uri === XMLNS);
  if (declared.length === 0) return outer;
  const own = declared.map(({ local, value }) => [local, value] as const);
  return { ...outer, ...Object.fromEntries(own) };
}

/** Value of an attribute without namespace. */
export function attribute(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((one) => one.name === name && one.namespace === '')?.value;
}
