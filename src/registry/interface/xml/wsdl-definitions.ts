import type { QName } from '../../../message/message.js';
import { attributeOf, childrenNamed, type Markup } from './markup.js';

export const WSDL = 'http://schemas.xmlsoap.org/wsdl/';

/** One WSDL file. */
export interface Definitions {
  readonly path: string;
  readonly text: string;
  readonly root: Markup;
}

/** A message, portType or binding, with the file that it stands in. */
export interface Named {
  readonly element: Markup;
  readonly namespace: string;
  readonly definitions: Definitions;
}

export const named = (all: readonly Definitions[], kind: string): readonly Named[] =>
  all.flatMap((definitions) =>
    childrenNamed(definitions.root, WSDL, kind).map((element) => ({
      element,
      namespace: attributeOf(definitions.root, 'targetNamespace') ?? '',
      definitions,
    })),
  );

export const byQName = (candidates: readonly Named[], wanted: QName | null): Markup | null =>
  candidates.find(
    ({ element, namespace }) => namespace === wanted?.namespace && attributeOf(element, 'name') === wanted.name,
  )?.element ?? null;
