import type { QName } from '../message/message.js';
import { attributeOf, childrenNamed, qnameOf, type Markup } from './markup.js';

const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
const BINDINGS = ['http://schemas.xmlsoap.org/wsdl/soap/', 'http://schemas.xmlsoap.org/wsdl/soap12/'];

/** What a WSDL says of one document/literal operation. */
export interface WsdlOperation {
  readonly name: string;
  /** Null where the binding gives none or an empty one. */
  readonly soapAction: string | null;
  readonly element: QName;
  /** Payload element of the output; null where the operation has no output. */
  readonly output: QName | null;
}

interface Named {
  readonly element: Markup;
  readonly namespace: string;
}

/** The operations of every SOAP binding, each once; what is not document/literal is reported and left out. */
export function readOperations(
  definitions: readonly Markup[],
  problem: (message: string) => void,
): readonly WsdlOperation[] {
  const found = new Map<string, WsdlOperation>();
  for (const { element: binding } of named(definitions, 'binding')) {
    const soap = BINDINGS.find((namespace) => childrenNamed(binding, namespace, 'binding').length > 0);
    if (soap === undefined) continue;
    const portType = byQName(named(definitions, 'portType'), reference(binding, 'type'));
    for (const operation of childrenNamed(binding, WSDL, 'operation')) {
      const read = readOperation({ operation, binding, soap, portType, definitions });
      if (typeof read === 'string') problem(read);
      else if (!found.has(read.name)) found.set(read.name, read);
    }
  }
  return [...found.values()];
}

interface BoundOperation {
  readonly operation: Markup;
  readonly binding: Markup;
  readonly soap: string;
  readonly portType: Markup | null;
  readonly definitions: readonly Markup[];
}

function readOperation(bound: BoundOperation): WsdlOperation | string {
  const { operation, binding, soap, portType, definitions } = bound;
  const name = attributeOf(operation, 'name') ?? '';
  const [details] = childrenNamed(operation, soap, 'operation');
  const style =
    (details && attributeOf(details, 'style')) ??
    attributeOf(childrenNamed(binding, soap, 'binding')[0] as Markup, 'style');
  if (style === 'rpc') return `operation ${name} is of style rpc`;
  const abstract = childrenNamed(portType ?? binding, WSDL, 'operation').find(
    (candidate) => attributeOf(candidate, 'name') === name,
  );
  if (!portType || !abstract) return `operation ${name} stands in no portType`;
  const element = payload('input', abstract, operation, soap, definitions);
  if (!element) return `operation ${name} has no body part with an element`;
  const output = payload('output', abstract, operation, soap, definitions);
  return { name, soapAction: (details && attributeOf(details, 'soapAction')) || null, element, output };
}

/** The element of the part that travels in the Body (WSDL 1.1 §3.5: `parts`, else the one that is no header). */
function payload(
  direction: 'input' | 'output',
  abstract: Markup,
  operation: Markup,
  soap: string,
  definitions: readonly Markup[],
): QName | null {
  const [declared] = childrenNamed(abstract, WSDL, direction);
  const message = declared && byQName(named(definitions, 'message'), reference(declared, 'message'));
  if (!message) return null;
  const [bound] = childrenNamed(operation, WSDL, direction);
  const body = bound && childrenNamed(bound, soap, 'body')[0];
  const listed = body ? attributeOf(body, 'parts')?.trim().split(/\s+/) : undefined;
  const headers = bound ? childrenNamed(bound, soap, 'header').map((header) => attributeOf(header, 'part')) : [];
  const part = childrenNamed(message, WSDL, 'part').find((candidate) => {
    const name = attributeOf(candidate, 'name');
    return listed ? listed[0] === name : !headers.includes(name);
  });
  return part ? reference(part, 'element') : null;
}

const named = (definitions: readonly Markup[], kind: string): readonly Named[] =>
  definitions.flatMap((root) =>
    childrenNamed(root, WSDL, kind).map((element) => ({
      element,
      namespace: attributeOf(root, 'targetNamespace') ?? '',
    })),
  );

function reference(element: Markup, attribute: string): QName | null {
  const value = attributeOf(element, attribute);
  return value === null ? null : qnameOf(element, value);
}

const byQName = (candidates: readonly Named[], wanted: QName | null): Markup | null =>
  candidates.find(
    ({ element, namespace }) => namespace === wanted?.namespace && attributeOf(element, 'name') === wanted.name,
  )?.element ?? null;
