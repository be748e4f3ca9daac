import { Fault } from '../../message/fault.js';
import {
  childrenOf,
  elementsOf,
  isElement,
  isText,
  localName,
  namespaceOf,
  sameNamespace,
  textOf,
  type NodePointer,
} from './libxml.js';

export const SOAP_NAMESPACES = {
  'http://schemas.xmlsoap.org/soap/envelope/': 'soap11',
  'http://www.w3.org/2003/05/soap-envelope': 'soap12',
} as const;

export type SoapVersion = (typeof SOAP_NAMESPACES)[keyof typeof SOAP_NAMESPACES];

export interface EnvelopeParts {
  readonly version: SoapVersion;
  readonly namespace: string;
  readonly headers: readonly NodePointer[];
  readonly body: readonly NodePointer[];
}

/**
 * The parts of a SOAP envelope; null where the root is none. Throws envelope-malformed for anything but one optional
 * Header, then one Body, and nothing else (SOAP 1.2 Part 1 §5.1, WS-I Basic Profile R1011).
 */
export function envelopeParts(root: NodePointer): EnvelopeParts | null {
  const namespace = namespaceOf(root);
  const version = (SOAP_NAMESPACES as Readonly<Record<string, SoapVersion>>)[namespace];
  if (!version || localName(root) !== 'Envelope') return null;
  refuseText(root);
  const parts = [...elementsOf(root)];
  const isPart = (node: NodePointer | undefined, name: string) =>
    node !== undefined && localName(node) === name && sameNamespace(node, root);
  const header = isPart(parts[0], 'Header') ? parts.shift() : undefined;
  const [body, extra] = parts;
  if (body === undefined || !isPart(body, 'Body')) throw malformed('The Envelope has no Body where one must stand.');
  if (extra !== undefined) throw malformed(`${localName(extra)} stands after the Body.`);
  return { version, namespace, headers: header ? [...elementsOf(header)] : [], body: [...elementsOf(body)] };
}

/** The element that schemas describe: the one in Body, else the root. Throws envelope-malformed. */
export function payloadElement(root: NodePointer, parts = envelopeParts(root)): NodePointer {
  if (!parts) return root;
  const [payload, extra] = parts.body;
  if (payload === undefined) throw malformed('The Body is empty.');
  if (extra !== undefined) throw malformed('The Body holds more than one element.');
  return payload;
}

function refuseText(root: NodePointer): void {
  for (const node of childrenOf(root)) {
    if (!isElement(node) && isText(node) && textOf(node).trim() !== '')
      throw malformed('Text stands between the parts of the Envelope.');
  }
}

function malformed(detail: string): Fault {
  return new Fault('envelope-malformed', { detail, place: '/Envelope', expected: 'Header?, Body' });
}
