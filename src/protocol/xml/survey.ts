import { Fault } from '../../message/fault.js';

export interface XmlLimits {
  /** Elements inside one another. */
  readonly maxDepth: number;
  /** Elements, attributes, comments, CDATA sections and processing instructions in all. */
  readonly maxNodes: number;
}

/** Attributes and declarations of one element: canonicalization sorts them by insertion. */
export const MAX_ATTRIBUTES = 256;

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/**
 * Reads the markup once, before any parser does, and refuses what would cost more than it may: dtd-forbidden,
 * too-deep, too-complex. It judges nothing else; what is not well-formed is left to the parser. Returns the byte
 * offsets of the start tags.
 */
export function surveyXml(utf8: Buffer, limits: XmlLimits): readonly number[] {
  const survey = new Survey(utf8, limits);
  for (let at = utf8.indexOf(LESS); at >= 0; at = utf8.indexOf(LESS, survey.step(at)));
  return survey.startTags;
}

class Survey {
  readonly startTags: number[] = [];
  private depth = 0;
  private nodes = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly limits: XmlLimits,
  ) {}

  /** Returns the index after the markup that starts at `at`. */
  step(at: number): number {
    const next = this.bytes[at + 1];
    if (next === SLASH) {
      this.depth--;
      return at + 2;
    }
    this.count(1, at);
    if (next === BANG) return this.declaration(at);
    if (next === QUESTION) return this.after('?>', at + 2);
    return this.startTag(at);
  }

  private declaration(at: number): number {
    if (this.bytes.toString('latin1', at + 2, at + 4) === '--') return this.after('-->', at + 4);
    if (this.bytes.toString('latin1', at + 2, at + 9) === '[CDATA[') return this.after(']]>', at + 9);
    throw new Fault('dtd-forbidden', {
      detail: `A DOCTYPE or another declaration stands on line ${this.line(at)}.`,
      place: `line ${this.line(at)}`,
    });
  }

  private startTag(at: number): number {
    this.startTags.push(at);
    let attributes = 0;
    let quote = 0;
    let end = at + 1;
    for (; end < this.bytes.length; end++) {
      const byte = this.bytes[end];
      if (quote) {
        if (byte === quote) quote = 0;
      } else if (byte === GREATER) break;
      else if (byte === QUOTE || byte === APOSTROPHE) {
        quote = byte;
        attributes++;
      } else if (byte === LESS) return end;
    }
    this.countAttributes(attributes, at);
    if (this.bytes[end - 1] !== SLASH) this.enter(at);
    return end;
  }

  private enter(at: number): void {
    if (++this.depth <= this.limits.maxDepth) return;
    throw new Fault('too-deep', {
      detail: `More than ${this.limits.maxDepth} elements inside one another on line ${this.line(at)}.`,
      place: `line ${this.line(at)}`,
      expected: `at most ${this.limits.maxDepth}`,
    });
  }

  private countAttributes(attributes: number, at: number): void {
    this.count(attributes, at);
    if (attributes > MAX_ATTRIBUTES)
      throw this.tooComplex(`${attributes} attributes on one element`, MAX_ATTRIBUTES, at);
  }

  private count(nodes: number, at: number): void {
    this.nodes += nodes;
    if (this.nodes > this.limits.maxNodes)
      throw this.tooComplex('elements, attributes, comments and sections', this.limits.maxNodes, at);
  }

  private tooComplex(what: string, limit: number, at: number): Fault {
    return new Fault('too-complex', {
      detail: `Too many: ${what}, reached on line ${this.line(at)}.`,
      place: `line ${this.line(at)}`,
      expected: `at most ${limit}`,
    });
  }

  private after(mark: string, from: number): number {
    const found = this.bytes.indexOf(mark, from, 'latin1');
    return found < 0 ? this.bytes.length : found + mark.length;
  }

  private line(at: number): number {
    let line = 1;
    for (let i = this.bytes.indexOf(0x0a); i >= 0 && i < at; i = this.bytes.indexOf(0x0a, i + 1)) line++;
    return line;
  }
}
