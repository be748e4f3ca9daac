import { Fault } from '../../message/fault.js';
import { notWellFormed, positionOf } from './place.js';

export interface JsonLimits {
  /** Arrays and objects inside one another. */
  readonly maxDepth: number;
  /** Members and items in all. */
  readonly maxNodes: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads the text once before it is parsed: too-deep, too-complex, and not-well-formed for a name that an object holds
 * twice (RFC 8259 §4 leaves its meaning open) and for `__proto__`. Other errors are left to the parser.
 */
export function surveyJson(text: string, limits: JsonLimits): void {
  new Survey(text, limits).run();
}

class Survey {
  /** Names seen in each open object; null for an open array. */
  private readonly open: (Set<string> | null)[] = [];
  private nodes = 0;
  private nameNext = false;

  constructor(
    private readonly text: string,
    private readonly limits: JsonLimits,
  ) {}

  run(): void {
    for (let at = 0; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === QUOTE) at = this.string(at);
      else if (code === 0x7b || code === 0x5b) this.enter(at, code === 0x7b);
      else if (code === 0x7d || code === 0x5d) this.leave();
      else if (code === 0x2c) this.next(at);
    }
  }

  private enter(at: number, object: boolean): void {
    if (this.open.length >= this.limits.maxDepth)
      throw this.refusal('too-deep', at, `More than ${this.limits.maxDepth} levels`, this.limits.maxDepth);
    this.open.push(object ? new Set() : null);
    this.nameNext = object;
    this.count(at);
  }

  private leave(): void {
    this.open.pop();
    this.nameNext = false;
  }

  private next(at: number): void {
    this.nameNext = this.open.at(-1) instanceof Set;
    this.count(at);
  }

  private count(at: number): void {
    if (++this.nodes > this.limits.maxNodes)
      throw this.refusal('too-complex', at, 'Too many members and items', this.limits.maxNodes);
  }

  /** Returns the index of the closing quote. */
  private string(at: number): number {
    const end = this.closing(at + 1);
    if (this.nameNext) this.name(at, end);
    this.nameNext = false;
    return end;
  }

  private closing(from: number): number {
    for (let end = this.text.indexOf('"', from); end >= 0; end = this.text.indexOf('"', end + 1)) {
      let slashes = 0;
      while (this.text.charCodeAt(end - 1 - slashes) === BACKSLASH && end - 1 - slashes >= from) slashes++;
      if (slashes % 2 === 0) return end;
    }
    return this.text.length;
  }

  private name(at: number, end: number): void {
    const names = this.open.at(-1);
    const name = unescaped(this.text.slice(at, end + 1));
    if (!names || name === null) return;
    if (name === '__proto__') throw notWellFormed(this.text, at, 'The name "__proto__" is not allowed.');
    if (names.has(name))
      throw notWellFormed(this.text, at, `The name "${name.slice(0, 80)}" stands twice in one object.`);
    names.add(name);
  }

  private refusal(code: 'too-deep' | 'too-complex', at: number, what: string, limit: number): Fault {
    const { line } = positionOf(this.text, at);
    return new Fault(code, { detail: `${what} on line ${line}.`, place: `line ${line}`, expected: `at most ${limit}` });
  }
}

/** Null where the string is not well-formed: the parser says so. */
function unescaped(quoted: string): string | null {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return null;
  }
}
