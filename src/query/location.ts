import LinkHeader from 'http-link-header';
import type { Endpoint } from '../registry/model.js';
import type { QueryItem } from './ports.js';

/** Stands for the address of a system that is not called: a path in its answers is one below the service. */
const NOWHERE = 'http://fetched.invalid';

/**
 * A provider's Location as the consumer can follow it: what lies below the provider's endpoint is named at this gateway,
 * what lies elsewhere on the provider's host, or is no address of HTTP, is left out (null), and other hosts stay as they are.
 */
export function outsideLocation(
  location: string,
  { message, receiver, target }: Pick<QueryItem, 'message' | 'receiver' | 'target'>,
  endpoint: Endpoint,
  publicUrl: string,
): string | null {
  const base = baseOf(new URL(endpoint.url ?? NOWHERE));
  if (!URL.canParse(location, `${base}${target.path}`)) return null;
  const { href, origin, protocol } = new URL(location, `${base}${target.path}`);
  const own = `${publicUrl}/rest/${receiver.participant}/v${message.version}/${message.service}`;
  if (href === base || href.startsWith(`${base}/`)) return own + href.slice(base.length);
  return origin === new URL(base).origin || !/^https?:$/.test(protocol) ? null : href;
}

type Headers = Readonly<Record<string, string>>;

/** Location, Content-Location (RFC 9110 §8.7, §10.2.2) and Link (RFC 8288) as the consumer can follow them; what it cannot is left out. */
export function outsideHeaders(headers: Headers, outside: (location: string) => string | null): Headers {
  const told = (name: string, value: string) => {
    if (name === 'link') return outsideLinks(value, outside);
    return name === 'location' || name === 'content-location' ? outside(value) : value;
  };
  const all = Object.entries(headers).map(([name, value]) => [name, told(name, value)] as const);
  return Object.fromEntries(all.filter((one): one is [string, string] => one[1] !== null));
}

/** Null where none is left, and where they cannot be read. */
function outsideLinks(value: string, outside: (location: string) => string | null): string | null {
  try {
    const links = new LinkHeader(value);
    links.refs = links.refs.flatMap((ref) => {
      const uri = outside(ref.uri);
      const anchor = ref.anchor === undefined ? undefined : outside(ref.anchor);
      return uri === null || anchor === null ? [] : [{ ...ref, uri, ...(anchor !== undefined && { anchor }) }];
    });
    return links.toString() || null;
  } catch {
    return null;
  }
}

/** In the normal form, as the Location is read, and without the credentials that may be registered in it. */
const baseOf = ({ origin, pathname }: URL) => origin + pathname.replace(/\/$/, '');
