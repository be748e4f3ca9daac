import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { Forbidden } from './networks.js';

/** What is at a name; {@link systemLookup} and what tests put in its place. */
export type Resolve = (name: string, done: (error: Error | null, found: readonly LookupAddress[]) => void) => void;

/** No address of the host may be connected to. The message names the address and is for the log only. */
export class AddressForbidden extends Error {
  constructor(
    host: string,
    readonly address: string,
    /** The kind of its range. */
    readonly range: string,
  ) {
    super(`${host} is at ${address} (${range}), which CROCEVIA_ALLOWED_NETWORKS does not allow`);
    this.name = 'AddressForbidden';
  }
}

const resolveBySystem: Resolve = (name, done) => systemLookup(name, { all: true }, done);

export interface ConnectorParts {
  readonly forbidden: Forbidden;
  readonly timeoutMs: number;
  /** Told of each address that was refused. */
  readonly refused: (error: AddressForbidden) => void;
  readonly resolve?: Resolve;
}

/**
 * The connector of every request that a registered address causes. The name is resolved once, and the connection goes to an address that
 * was judged: what the name says a moment later is never asked. Fails with {@link AddressForbidden}.
 */
export function guardedConnector({ forbidden, timeoutMs, refused, resolve = resolveBySystem }: ConnectorParts) {
  const refuse = (host: string, address: string, range: string) => {
    const error = new AddressForbidden(host, address, range);
    refused(error);
    return error;
  };
  const connect = buildConnector({ timeout: timeoutMs, lookup: guardedLookup(forbidden, resolve, refuse) });
  const guarded: typeof connect = (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    const range = isIP(host) === 0 ? null : forbidden(host);
    if (range === null) return connect(options, callback);
    return process.nextTick(callback, refuse(host, host, range), null);
  };
  return guarded;
}

/**
 * The addresses of a host that may be connected to; a literal is its own. Throws {@link AddressForbidden} where there are others only, and
 * what the look-up throws.
 */
export async function judgedAddresses(
  host: string,
  { forbidden, refused, resolve = resolveBySystem }: Pick<ConnectorParts, 'forbidden' | 'refused' | 'resolve'>,
): Promise<readonly string[]> {
  const refuse = (name: string, address: string, range: string) => {
    const error = new AddressForbidden(name, address, range);
    refused(error);
    return error;
  };
  if (isIP(host) !== 0) {
    const range = forbidden(host);
    if (range !== null) throw refuse(host, host, range);
    return [host];
  }
  const look = guardedLookup(forbidden, resolve, refuse);
  return new Promise((done, reject) =>
    look(host, { all: true }, (error, found) =>
      error ? reject(error) : done((found as LookupAddress[]).map(({ address }) => address)),
    ),
  );
}

type Refuse = (host: string, address: string, range: string) => AddressForbidden;

/** Of several addresses the allowed ones are left; where none is, the first says why. */
function guardedLookup(forbidden: Forbidden, resolve: Resolve, refuse: Refuse): LookupFunction {
  const unreachable = (name: string, [first]: readonly LookupAddress[]) =>
    first
      ? refuse(name, first.address, forbidden(first.address) ?? '')
      : Object.assign(new Error(`no address for ${name}`), { code: 'ENOTFOUND' });
  return (name, { all }, callback) =>
    resolve(name, (error, found) => {
      if (error) return callback(error, '');
      const may = found.filter(({ address }) => forbidden(address) === null);
      const [first] = may;
      if (!first) return callback(unreachable(name, found), '');
      return all ? callback(null, may as LookupAddress[]) : callback(null, first.address, first.family);
    });
}
