import { elementsOf, isAttribute, isElement, localName, parentOf, type NodePointer } from './libxml.js';

/** Writes readable paths into one document; what it learns of a parent's children it keeps. */
export class PathWriter {
  private readonly positions = new Map<NodePointer, ReadonlyMap<NodePointer, string>>();

  /** `/Envelope/Body/notifica/generalita[2]/cap`, with a position only where siblings share the name. */
  write(node: NodePointer): string {
    if (isAttribute(node)) return `${this.write(parentOf(node))}/@${localName(node)}`;
    const steps: string[] = [];
    for (let element = node; element && isElement(element); element = parentOf(element)) steps.push(this.step(element));
    return steps
      .reverse()
      .map((step) => `/${step}`)
      .join('');
  }

  private step(element: NodePointer): string {
    const parent = parentOf(element);
    if (!isElement(parent)) return localName(element);
    let steps = this.positions.get(parent);
    if (!steps) this.positions.set(parent, (steps = stepsOf(parent)));
    return steps.get(element) ?? localName(element);
  }
}

function stepsOf(parent: NodePointer): ReadonlyMap<NodePointer, string> {
  const byName = new Map<string, NodePointer[]>();
  for (const child of elementsOf(parent)) {
    const name = localName(child);
    const same = byName.get(name);
    if (same) same.push(child);
    else byName.set(name, [child]);
  }
  const steps = new Map<NodePointer, string>();
  for (const [name, children] of byName) {
    children.forEach((child, index) => steps.set(child, children.length > 1 ? `${name}[${index + 1}]` : name));
  }
  return steps;
}
