import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;
type Network = readonly [Address, number];

/** IPv6 that is routed over the Internet today (RFC 4291 §2.4); what wraps an IPv4 address in it has a range of its own. */
const GLOBAL_V6: Network = ipaddr.parseCIDR('2000::/3');

/** Public by their range, and served by the host of a virtual machine to whoever runs in it: Azure's metadata and DNS. */
const OF_THE_HOST: Network = ipaddr.parseCIDR('168.63.129.16/32');

/** A network such as `10.20.0.0/16`, or one address; null for any other text. Only the canonical four decimals are read as IPv4. */
function networkOf(text: string): Network | null {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || ipaddr.IPv6.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return [ipaddr.IPv4.parse(text), 32];
  return ipaddr.IPv6.isValid(text) ? [ipaddr.IPv6.parse(text), 128] : null;
}

export const isNetwork = (text: string): boolean => networkOf(text) !== null;

const within = (address: Address, [network, bits]: Network): boolean =>
  address.kind() === network.kind() && address.match(network as never, bits);

/**
 * Why an address may not be connected to: the kind of its range (`private`, `loopback`, `linkLocal`, ...); null where it may: it is public,
 * or in one of the allowed networks. An IPv4 address inside an IPv6 one is judged as IPv4. Throws Error for what is no address.
 */
export type Forbidden = (address: string) => string | null;

/** Throws TypeError for a text that is no network. */
export function forbiddenBut(allowed: readonly string[]): Forbidden {
  const networks = allowed.map((text) => {
    const network = networkOf(text);
    if (!network) throw new TypeError(`"${text}" is no network.`);
    return network;
  });
  return (text) => {
    const address = ipaddr.process(text);
    return networks.some((network) => within(address, network)) ? null : rangeOf(address);
  };
}

function rangeOf(address: Address): string | null {
  const range = address.range();
  if (range !== 'unicast') return range;
  if (within(address, OF_THE_HOST)) return 'metadata';
  return address.kind() === 'ipv4' || within(address, GLOBAL_V6) ? null : 'reserved';
}
