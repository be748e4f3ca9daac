import type { FastifyRequest } from 'fastify';
import type { Follow } from '../exchange/follow.js';
import type { Identified, Reply } from '../message/stages.js';
import { matchesPath } from '../registry/path-template.js';
import type { Registry } from '../registry/registry.js';
import { parseAddress } from './address.js';
import { wantedBy } from './answers.js';
import { pathOf } from './exchange.js';

export interface PollingParts {
  readonly follow: Follow;
  readonly registry: () => Registry;
  readonly publicUrl: string;
}

/** A message by the gateway's id below the operation that took it, and `/result` below that (ModI NONBLOCK_PULL_REST). */
const FOLLOWED = /^(.*)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\/result)?$/;

/** What tells of a message at such an address; null where the address is another one. */
export function followedAt(
  request: FastifyRequest,
  { follow, registry, publicUrl }: PollingParts,
): ((caller: Identified['caller']) => Promise<Reply>) | null {
  const path = pathOf(request);
  const [, address = '', id, result = ''] = FOLLOWED.exec(path) ?? [];
  if (!id || !isPolled(address, registry())) return null;
  const url = publicUrl + path.slice(0, path.length - result.length);
  return (caller) => (result === '' ? follow.status(caller, id, url) : follow.answer(caller, id, wantedBy(request)));
}

function isPolled(path: string, registry: Registry): boolean {
  try {
    const { service, version, path: below } = parseAddress('GET', path).address;
    const operations = registry.service(service ?? '', version ?? 0)?.operations ?? [];
    return operations.some(({ profile, rest }) => profile === 'async-polled' && rest && matchesPath(rest.path, below));
  } catch {
    // told by who serves the address
    return false;
  }
}
