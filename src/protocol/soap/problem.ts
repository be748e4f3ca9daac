import type { ProviderSaid } from '../../message/fault.js';
import { escapeXml } from '../xml/escape.js';

const NAMESPACE = 'urn:ietf:rfc:7807';
/** What can be a name of an element; another member is left out. */
const NAME = /^[A-Za-z_][\w.-]*$/;

/** A problem in XML (RFC 9457, appendix B): members are elements, the items of a list are called `i`. */
export const problemInXml = (members: ProviderSaid): string =>
  `<problem xmlns="${NAMESPACE}">${inner(members)}</problem>`;

function inner(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((one) => `<i>${inner(one)}</i>`).join('');
  if (typeof value !== 'object') return escapeXml(String(value as string | number | boolean));
  return Object.entries(value)
    .filter(([name]) => NAME.test(name))
    .map(([name, one]) => `<${name}>${inner(one)}</${name}>`)
    .join('');
}
