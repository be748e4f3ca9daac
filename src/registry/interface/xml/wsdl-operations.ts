import type { QName } from '../../../message/message.js';
import type { InterfaceFiles } from '../interface-files.js';
import { lineAt } from '../interface-problem.js';
import { attributeOf, childrenNamed, qnameOf, type Markup } from './markup.js';
import { byQName, named, WSDL, type Definitions, type Named } from './wsdl-definitions.js';

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

interface LeftOut {
  readonly why: string;
  readonly operation: Markup;
  readonly definitions: Definitions;
}

/** An NCName, as WSDL 1.1 wants it; where it is none nothing that has it can be relied on. */
const NAME = /^[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u;

const HINT = 'only document/literal operations of a SOAP binding are taken';

/**
 * The operations of every SOAP binding, each once. What is not document/literal is left out: a warning where another
 * operation is there to use, else an error.
 */
export function readOperations(all: readonly Definitions[], { problem }: InterfaceFiles): readonly WsdlOperation[] {
  const found = new Map<string, WsdlOperation>();
  const leftOut: LeftOut[] = [];
  const bindings = named(all, 'binding').flatMap((binding) => {
    const soap = BINDINGS.find((namespace) => childrenNamed(binding.element, namespace, 'binding').length > 0);
    return soap === undefined ? [] : { binding, soap };
  });
  for (const { binding, soap } of bindings)
    for (const operation of childrenNamed(binding.element, WSDL, 'operation')) {
      const read = readOperation({ operation, binding, soap, all });
      if (typeof read === 'string') leftOut.push({ why: read, operation, definitions: binding.definitions });
      else if (!found.has(read.name)) found.set(read.name, read);
    }
  const severity = found.size > 0 ? 'warning' : 'error';
  for (const { why, operation, definitions } of leftOut)
    problem(why, HINT, { file: definitions.path, line: lineAt(definitions.text, operation.start), severity });
  if (bindings.length === 0)
    problem('has no SOAP binding', HINT, { file: all[0]?.path ?? '', line: 1, severity: 'warning' });
  return [...found.values()];
}

interface BoundOperation {
  readonly operation: Markup;
  readonly binding: Named;
  readonly soap: string;
  readonly all: readonly Definitions[];
}

function readOperation({ operation, binding, soap, all }: BoundOperation): WsdlOperation | string {
  const name = attributeOf(operation, 'name') ?? '';
  if (!NAME.test(name)) return `"${name}" is no name for an operation`;
  const [details] = childrenNamed(operation, soap, 'operation');
  const style =
    (details && attributeOf(details, 'style')) ??
    attributeOf(childrenNamed(binding.element, soap, 'binding')[0] as Markup, 'style');
  if (style === 'rpc') return `operation ${name} is of style rpc`;
  const portType = byQName(named(all, 'portType'), reference(binding.element, 'type'));
  const abstract = childrenNamed(portType ?? binding.element, WSDL, 'operation').find(
    (candidate) => attributeOf(candidate, 'name') === name,
  );
  if (!portType || !abstract) return `operation ${name} stands in no portType`;
  const element = payload('input', abstract, operation, soap, all);
  if (!element) return `operation ${name} has no body part with an element`;
  const output = payload('output', abstract, operation, soap, all);
  return { name, soapAction: (details && attributeOf(details, 'soapAction')) || null, element, output };
}

/** The element of the part that travels in the Body (WSDL 1.1 §3.5: `parts`, else the one that is no header). */
function payload(
  direction: 'input' | 'output',
  abstract: Markup,
  operation: Markup,
  soap: string,
  all: readonly Definitions[],
): QName | null {
  const [declared] = childrenNamed(abstract, WSDL, direction);
  const message = declared && byQName(named(all, 'message'), reference(declared, 'message'));
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

function reference(element: Markup, attribute: string): QName | null {
  const value = attributeOf(element, attribute);
  return value === null ? null : qnameOf(element, value);
}
