import { readXml, type XmlElement } from '../mediation/xml.js';
import { Fault, type ProviderSaid } from '../message/fault.js';
import type { Protocol } from '../protocol/protocol.js';
import type { Answered } from './ports.js';

/** What is longer is told by its reason alone. */
const MAX_BYTES = 16 * 1024;

/** The members of a problem, or the elements in the detail of a SOAP fault; null where there are none or they are too long. */
export async function toldFailure(
  codec: Protocol,
  { headers, body }: Pick<Answered, 'headers' | 'body'>,
): Promise<ProviderSaid | null> {
  if (body.length > MAX_BYTES) return null;
  try {
    if (codec.binding === 'rest') return objectOf(JSON.parse(body.toString('utf8')));
    const payload = await codec.payload(headers, body);
    const fault = readXml(payload.bytes.toString('utf8'), '/Fault');
    const detail = fault.children.find(({ name }) => name === 'detail' || name === 'Detail');
    return detail ? objectOf(valueOf(detail)) : null;
  } catch (error) {
    if (error instanceof Fault || error instanceof SyntaxError) return null;
    throw error;
  }
}

const objectOf = (value: unknown): ProviderSaid | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ProviderSaid) : null;

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Without a schema: elements are members, repeated ones an array, attributes `@name`, text beside attributes `#text`. */
function valueOf({ attributes, children, text }: XmlElement): unknown {
  const own = attributes.filter(({ namespace }) => namespace !== XSI);
  if (own.length === 0 && children.length === 0) return text;
  const members = new Map<string, unknown>(own.map(({ name, value }) => [`@${name}`, value]));
  if (children.length === 0 && text !== '') members.set('#text', text);
  for (const name of new Set(children.map((child) => child.name))) {
    const values = children.filter((child) => child.name === name).map(valueOf);
    members.set(name, values.length === 1 ? values[0] : values);
  }
  return Object.fromEntries(members);
}
