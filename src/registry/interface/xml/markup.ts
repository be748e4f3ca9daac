import type { QName } from '../../../message/message.js';
import { INTERFACE_LIMITS } from '../interface-limits.js';
import { lineAt } from '../interface-problem.js';

/** An element of an interface document with the places of its parts in the text, so that edits keep all the rest. */
export interface Markup extends QName {
  readonly attributes: readonly MarkupAttribute[];
  /** Prefix -> namespace in scope; '' is the default namespace. */
  readonly scope: Readonly<Record<string, string>>;
  readonly children: readonly Markup[];
  /** Offset of `<`, of what follows the tag's name, and of what follows the end tag. */
  readonly start: number;
  readonly nameEnd: number;
  readonly end: number;
}

export interface MarkupAttribute {
  /** As written, with its prefix. */
  readonly name: string;
  readonly value: string;
  readonly nameStart: number;
  /** Offsets of the text between the quotes. */
  readonly start: number;
  readonly end: number;
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Open = { -readonly [K in keyof Markup]: Markup[K] } & { children: Markup[]; readonly tag: string };

const SKIPPED = /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>/y;
const START_TAG = /<([^\s/>="'<]+)((?:\s+[^\s=/>"'<]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const END_TAG = /<\/([^\s>]+)\s*>/y;
const ATTRIBUTE = /([^\s=]+)\s*=\s*("[^"]*"|'[^']*')/g;

/** What is wrong with a document, and where. */
export class MarkupError extends Error {
  constructor(
    readonly line: number,
    readonly why: string,
  ) {
    super(`line ${line}: ${why}`);
    this.name = 'MarkupError';
  }
}

/**
 * Reads WSDL and XSD, documents of the operator's own, without a DOCTYPE. Not for messages: those go through
 * protocol/xml. Throws MarkupError for what is not balanced or declared, or too deep.
 */
export function readMarkup(text: string): Markup {
  const reading: Reading = { text, open: [], root: null };
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) at = readTag(reading, at);
  const left = reading.open.at(-1);
  if (left) refuse(text, left.start, `<${left.tag}> does not end`);
  return reading.root ?? refuse(text, 0, 'no element');
}

interface Reading {
  readonly text: string;
  readonly open: Open[];
  root: Open | null;
}

/** Reads what begins at `<` and returns the offset of what follows it. */
function readTag(reading: Reading, at: number): number {
  const { text } = reading;
  const skipped = match(SKIPPED, text, at);
  if (skipped) return at + skipped[0].length;
  const end = match(END_TAG, text, at);
  if (end) return close(reading, end[1] ?? '', at + end[0].length);
  const start = match(START_TAG, text, at) ?? refuse(text, at, 'not well-formed');
  begin(reading, start);
  return at + start[0].length;
}

function begin(reading: Reading, start: RegExpExecArray): void {
  const { text, open, root } = reading;
  const parent = open.at(-1);
  const element = elementOf(start, parent?.scope ?? {}, text);
  if (parent) parent.children.push(element);
  else if (root) refuse(text, element.start, 'a second root element');
  else reading.root = element;
  if (!start[3]) open.push(element);
  if (open.length > INTERFACE_LIMITS.maxElementDepth)
    refuse(text, element.start, `more than ${INTERFACE_LIMITS.maxElementDepth} elements inside each other`);
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function close({ text, open }: Reading, tag: string, end: number): number {
  const element = open.pop();
  if (element?.tag !== tag) return refuse(text, end - 1, `</${tag}> ends <${element?.tag ?? ''}>`);
  element.end = end;
  return end;
}

function elementOf(found: RegExpExecArray, outer: Markup['scope'], text: string): Open {
  const [whole, tag = '', written = ''] = found;
  const nameEnd = found.index + 1 + tag.length;
  const attributes = [...written.matchAll(ATTRIBUTE)].map((pair) => attribute(pair, nameEnd, text));
  const scope = inScope(attributes, outer);
  const named = { ...qualify(tag, scope, text, found.index), tag, attributes, scope };
  return { ...named, children: [], start: found.index, nameEnd, end: found.index + whole.length };
}

function attribute(pair: RegExpExecArray, offset: number, text: string): MarkupAttribute {
  const [whole, name = '', quoted = ''] = pair;
  const end = offset + pair.index + whole.length - 1;
  const start = end - quoted.length + 2;
  return { name, value: decode(quoted.slice(1, -1), text, start), nameStart: offset + pair.index, start, end };
}

function inScope(attributes: readonly MarkupAttribute[], outer: Markup['scope']): Markup['scope'] {
  const declared = attributes.flatMap(({ name, value }): [string, string][] =>
    name === 'xmlns' ? [['', value]] : name.startsWith('xmlns:') ? [[name.slice(6), value]] : [],
  );
  return declared.length === 0 ? outer : { ...outer, ...Object.fromEntries(declared) };
}

function qualify(tag: string, scope: Markup['scope'], text: string, at: number): QName {
  const [prefix, name] = tag.includes(':') ? tag.split(':') : ['', tag];
  const namespace = scope[prefix ?? ''];
  if (namespace === undefined && prefix) refuse(text, at, `prefix ${prefix} is not declared`);
  return { namespace: namespace ?? '', name: name ?? '' };
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(value: string, text: string, at: number): string {
  if (!value.includes('&')) return value;
  return value.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED[name] ?? refuse(text, at, `entity ${whole} is not declared`);
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : refuse(text, at, `${whole} is no character`);
  });
}

function refuse(text: string, at: number, why: string): never {
  throw new MarkupError(lineAt(text, at), why);
}

export const attributeOf = (element: Markup, name: string): string | null =>
  element.attributes.find((candidate) => candidate.name === name)?.value ?? null;

const XML = 'http://www.w3.org/XML/1998/namespace';

/** The QName that a value such as `tns:Richiesta` stands for. */
export function qnameOf(element: Markup, value: string): QName {
  const [, prefix = '', name = ''] = /^(?:([^:]*):)?([^]*)$/.exec(value.trim()) ?? [];
  return { namespace: prefix === 'xml' ? XML : (element.scope[prefix] ?? ''), name };
}

export const childrenNamed = (element: Markup, namespace: string, name: string): readonly Markup[] =>
  element.children.filter((child) => child.name === name && child.namespace === namespace);

export function* descendants(element: Markup): Generator<Markup> {
  yield element;
  for (const child of element.children) yield* descendants(child);
}

export function edited(text: string, edits: readonly Edit[]): string {
  const ordered = [...edits].sort((a, b) => b.start - a.start);
  return ordered.reduce(
    (before, { start, end, text: after }) => before.slice(0, start) + after + before.slice(end),
    text,
  );
}

/** Text fit for an attribute between double or single quotes. */
export const attributeText = (value: string): string =>
  value.replace(/[&<"']/g, (character) => `&#${character.charCodeAt(0)};`);
