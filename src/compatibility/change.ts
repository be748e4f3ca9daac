/** One difference between two versions of a published interface, as the bodies that send to it see it. */
export interface InterfaceChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** True where a message that was right before may be refused after. */
  readonly breaking: boolean;
  /** Null: the whole service. */
  readonly operation: string | null;
  /** `rest`, `soapAction`, ...; `xsd: nota/testo/@lingua`, `json: /nota/testo`. */
  readonly place: string;
  readonly message: string;
}

/** Takes the changes of one payload as they are found. */
export type Say = (kind: InterfaceChange['kind'], breaking: boolean, place: string, message: string) => void;

/** Comparisons of one pair of schemas; a schema of a real interface has some thousand places. */
const MAX_COMPARISONS = 100_000;

/** Remembers what was compared, so that circles end; true where the pair is to be compared now. */
export class Compared {
  private readonly pairs = new Set<string>();
  private readonly numbers = new WeakMap<object, number>();
  private count = 0;

  /** Throws Error where schemas are too big to be compared. */
  first(before: readonly object[], after: readonly object[]): boolean {
    const pair = `${this.key(before)}|${this.key(after)}`;
    if (this.pairs.has(pair)) return false;
    if (this.pairs.size >= MAX_COMPARISONS) throw new Error('the schemas are too big to be compared');
    this.pairs.add(pair);
    return true;
  }

  private key(parts: readonly object[]): string {
    return parts.map((part) => this.numbers.get(part) ?? this.number(part)).join();
  }

  private number(part: object): number {
    this.numbers.set(part, ++this.count);
    return this.count;
  }
}
