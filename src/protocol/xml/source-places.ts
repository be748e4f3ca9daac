import { elementsOf, isAttribute, parentOf, type NodePointer } from './libxml.js';

export interface SourcePlace {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

const NEWLINE = 0x0a;

/**
 * Finds where elements stand in the source: the n-th element of the tree has the n-th start tag. The tree is walked at
 * the first question, so it must then still be whole; questions in document order read the source once.
 */
export class SourcePlaces {
  private ordinals: ReadonlyMap<NodePointer, number> | null = null;
  private at = 0;
  private place: SourcePlace = { line: 1, column: 1 };

  /** `startTags` are the byte offsets that `surveyXml` gives of the same source. */
  constructor(
    private readonly root: NodePointer,
    private readonly utf8: Buffer,
    private readonly startTags: readonly number[],
  ) {}

  /** The `<` of the element's start tag, of an attribute that of its element; null for a node that is not of this tree. */
  of(node: NodePointer): SourcePlace | null {
    const element = isAttribute(node) ? parentOf(node) : node;
    this.ordinals ??= ordinalsOf(this.root);
    const offset = this.startTags[this.ordinals.get(element) ?? -1];
    return offset === undefined ? null : this.placeAt(offset);
  }

  private placeAt(offset: number): SourcePlace {
    if (offset < this.at) [this.at, this.place] = [0, { line: 1, column: 1 }];
    let { line, column } = this.place;
    let from = this.at;
    for (let end = this.newline(from); end >= 0 && end < offset; end = this.newline(from)) {
      line++;
      column = 1;
      from = end + 1;
    }
    column += this.utf8.toString('utf8', from, offset).length;
    this.at = offset;
    return (this.place = { line, column });
  }

  private newline(from: number): number {
    return this.utf8.indexOf(NEWLINE, from);
  }
}

function ordinalsOf(root: NodePointer): ReadonlyMap<NodePointer, number> {
  const ordinals = new Map<NodePointer, number>();
  const open = [[root].values() as Iterator<NodePointer>];
  for (let level = open.at(-1); level; level = open.at(-1)) {
    const { done, value } = level.next();
    if (done) open.pop();
    else {
      ordinals.set(value, ordinals.size);
      open.push(elementsOf(value));
    }
  }
  return ordinals;
}
