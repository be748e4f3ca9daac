import type { HeaderBlock, XmlFacts } from '../../message/document.js';
import type { QName } from '../../message/message.js';
import type { EnvelopeParts } from './envelope.js';
import { attributesOf, elementsOf, localName, namespaceOf, textOf, type NodePointer } from './libxml.js';

const MAX_TEXT = 2_048;
const ADDRESSING = [
  'http://www.w3.org/2005/08/addressing',
  'http://schemas.xmlsoap.org/ws/2004/08/addressing',
] as const;

/** What routing needs to know of a document whose parts are given; null: it is no envelope. */
export function xmlFacts(root: NodePointer, parts: EnvelopeParts | null): XmlFacts {
  if (!parts) return { root: qname(root), envelope: null };
  const headers = parts.headers.map((block) => headerBlock(block, parts));
  const envelope = { namespace: parts.namespace, name: localName(root) };
  return { root: envelope, envelope: { version: parts.version, headers, body: parts.body.map(qname) } };
}

function qname(element: NodePointer): QName {
  return { namespace: namespaceOf(element), name: localName(element) };
}

function headerBlock(block: NodePointer, { version, namespace }: EnvelopeParts): HeaderBlock {
  const attribute = (name: string) => soapAttribute(block, namespace, name);
  return {
    namespace: namespaceOf(block),
    name: localName(block),
    mustUnderstand: ['1', 'true'].includes(attribute('mustUnderstand') ?? ''),
    role: attribute(version === 'soap11' ? 'actor' : 'role'),
    text: textOf(block).trim().slice(0, MAX_TEXT),
    address: addressOf(block),
  };
}

function soapAttribute(block: NodePointer, namespace: string, name: string): string | null {
  for (const attribute of attributesOf(block)) {
    if (localName(attribute) === name && namespaceOf(attribute) === namespace) return textOf(attribute).trim();
  }
  return null;
}

function addressOf(block: NodePointer): string | null {
  for (const child of elementsOf(block)) {
    if (localName(child) === 'Address' && ADDRESSING.some((namespace) => namespace === namespaceOf(child)))
      return textOf(child).trim().slice(0, MAX_TEXT);
  }
  return null;
}
