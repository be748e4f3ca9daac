import { attributeOf, descendants, qnameOf, type Markup } from './markup.js';

export const XSD = 'http://www.w3.org/2001/XMLSchema';

/** Attributes of XML Schema whose value is one QName, or several. */
const QNAMES = ['ref', 'type', 'base', 'itemType', 'memberTypes', 'substitutionGroup', 'refer'];

/** True where the schema names a component of the namespace. */
export function usesNamespace(root: Markup, namespace: string): boolean {
  for (const element of descendants(root)) {
    if (element.namespace !== XSD) continue;
    for (const { name, value } of element.attributes)
      if (QNAMES.includes(name) && split(value).some((one) => qnameOf(element, one).namespace === namespace))
        return true;
  }
  return false;
}

const split = (value: string) => value.trim().split(/\s+/);

/** `{namespace}name` of every element that the schemas declare; `{*}name` where one has no namespace of its own. */
export function declaredElements(roots: readonly Markup[]): ReadonlySet<string> {
  return new Set(
    roots.flatMap((root) => {
      const namespace = attributeOf(root, 'targetNamespace') ?? '*';
      return root.children
        .filter((child) => child.namespace === XSD && child.name === 'element')
        .map((child) => `{${namespace}}${attributeOf(child, 'name') ?? ''}`);
    }),
  );
}
