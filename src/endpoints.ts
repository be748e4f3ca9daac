import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { redact } from './config-reading.js';
import { forbiddenBut, type Forbidden } from './outbound/networks.js';
import type { Config } from './config.js';
import { databaseUrls } from './database-url.js';
import type { Finding } from './shape.js';
import { registeredSystems } from './store/registered-systems.js';

/** Where a registered system is called, and by which member of its document. */
export interface RegisteredAddress {
  readonly system: string;
  readonly member: string;
  readonly url: string;
}

interface Addressed {
  readonly url?: string | null;
}

/** What a document and the model of a system have in common. */
interface AddressedSystem {
  readonly id: string;
  readonly receives?: object | null;
  readonly provides?: readonly { readonly service: string; readonly endpoint?: Addressed | null }[];
  readonly receiptsTo?: Addressed | null;
  readonly callbacks?: readonly Addressed[];
}

/** What `crocevia check` says of the registry in the database, and of the addresses in it. A database that is away is told of elsewhere. */
export async function storedRegistryFindings({ databaseUrl, allowedNetworks }: Config): Promise<readonly Finding[]> {
  const [first = ''] = databaseUrls(databaseUrl ?? '');
  const systems = await registeredSystems<AddressedSystem>(first).catch(() => null);
  if (systems === null) return [{ level: 'ok', subject: 'registry', text: 'in the database, which was not read' }];
  const text = `in the database: ${systems.length} systems`;
  const found = await endpointFindings(systems.flatMap(addressesOf), allowedNetworks);
  return [{ level: 'ok', subject: 'registry', text }, ...found];
}

/** Every address at which a system may be called. */
export function addressesOf(system: AddressedSystem): readonly RegisteredAddress[] {
  const { id, receives, provides = [], receiptsTo, callbacks = [] } = system;
  const named: readonly (readonly [string, Addressed | null | undefined])[] = [
    ['receives', receives as Addressed | null],
    ...provides.map(({ service, endpoint }) => [`provides ${service}`, endpoint] as const),
    ['receiptsTo', receiptsTo],
    ...callbacks.map((callback) => ['callbacks', callback] as const),
  ];
  return named.flatMap(([member, at]) => (at?.url ? [{ system: id, member, url: at.url }] : []));
}

const LIMIT_MS = 3_000;
/** Names that are looked up at once. */
const AT_ONCE = 20;

/** What the gateway will not connect to, and what it would send in clear. Names are looked up as it does when it calls. */
export async function endpointFindings(
  addresses: readonly RegisteredAddress[],
  allowedNetworks: readonly string[],
): Promise<readonly Finding[]> {
  const forbidden = forbiddenBut(allowedNetworks);
  const found: Finding[] = [];
  for (let at = 0; at < addresses.length; at += AT_ONCE)
    found.push(...(await Promise.all(addresses.slice(at, at + AT_ONCE).map((one) => judge(one, forbidden)))).flat());
  return found;
}

async function judge(address: RegisteredAddress, forbidden: Forbidden): Promise<readonly Finding[]> {
  const subject = `system ${address.system}, ${address.member}`;
  const shown = redact(address.url);
  if (!URL.canParse(address.url))
    return [{ level: 'ok', subject, text: 'its address is sealed, and was not looked at' }];
  const { hostname, protocol } = new URL(address.url);
  const ips = await addressesAt(hostname.replace(/^\[|\]$/g, ''));
  const refused = ips.flatMap((ip) => (forbidden(ip) === null ? [] : [`${ip}, ${forbidden(ip)}`]));
  return [
    ...(refused.length > 0 ? [notAllowed(subject, shown, refused)] : []),
    ...(protocol === 'http:' && !isLocal(hostname, ips) ? [plain(subject, shown)] : []),
  ];
}

/** None where the name is not known here. */
async function addressesAt(host: string): Promise<readonly string[]> {
  if (isIP(host)) return [host];
  const late = new Promise<never>(
    (_resolve, reject) => void setTimeout(() => reject(new Error('late')), LIMIT_MS).unref(),
  );
  const found = await Promise.race([lookup(host, { all: true }), late]).catch(() => []);
  return found.map(({ address }) => address);
}

const ofThisMachine = forbiddenBut([]);
const isLocal = (host: string, ips: readonly string[]) =>
  host === 'localhost' || (ips.length > 0 && ips.every((ip) => ofThisMachine(ip) === 'loopback'));

const notAllowed = (subject: string, url: string, refused: readonly string[]): Finding => ({
  level: 'wrong',
  code: 'endpoint-forbidden',
  subject,
  text: `${url} is in no allowed network (${refused.join('; ')}): nothing is sent there, and what is for it waits`,
  expected: 'a public address, or its network in CROCEVIA_ALLOWED_NETWORKS',
});

const plain = (subject: string, url: string): Finding => ({
  level: 'warning',
  code: 'endpoint-plain-http',
  subject,
  text: `${url} is called without TLS: what goes there can be read and changed on its way`,
  expected: 'https://',
});
