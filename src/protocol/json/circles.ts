interface Mark {
  readonly index: number;
  low: number;
  isOpen: boolean;
}

/** Which nodes of a graph lie on one circle (strongly connected components, by Tarjan); each is looked at once. */
export class Circles<T> {
  private readonly marks = new Map<T, Mark>();
  private readonly circle = new Map<T, number>();
  private readonly stack: T[] = [];

  constructor(private readonly next: (node: T) => readonly T[]) {}

  /** True where each of the two leads to the other. */
  share(one: T, other: T): boolean {
    if (!this.marks.has(one)) this.visit(one);
    return this.circle.get(one) === this.circle.get(other);
  }

  private visit(node: T): Mark {
    const mark = { index: this.marks.size, low: this.marks.size, isOpen: true };
    this.marks.set(node, mark);
    this.stack.push(node);
    for (const target of this.next(node)) {
      const known = this.marks.get(target);
      if (!known) mark.low = Math.min(mark.low, this.visit(target).low);
      else if (known.isOpen) mark.low = Math.min(mark.low, known.index);
    }
    if (mark.low === mark.index) this.close(node, mark.index);
    return mark;
  }

  private close(node: T, number: number): void {
    for (let member = this.stack.pop(); member !== undefined; member = this.stack.pop()) {
      this.marks.get(member)!.isOpen = false;
      this.circle.set(member, number);
      if (member === node) return;
    }
  }
}
