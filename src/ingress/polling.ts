import type { FastifyRequest } from 'fastify';
import type { Follow } from '../exchange/follow.js';
import type { Identified, Reply } from '../message/stages.js';
import type { Operation } from '../registry/model.js';
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

/** A message by its id below the operation that took it, and `/result` below that (ModI NONBLOCK_PULL_REST). */
const FOLLOWED = /^(.*?)\/([^/]+)(\/result)?$/;

/** What tells of a message at such an address; null where the address is another one. */
export function followedAt(
  request: FastifyRequest,
  { follow, registry, publicUrl }: PollingParts,
): ((caller: Identified['caller']) => Promise<Reply>) | null {
  const path = pathOf(request);
  const [, address = '', id, result = ''] = FOLLOWED.exec(path) ?? [];
  if (!id || !isFollowed(address, path, registry())) return null;
  const url = publicUrl + path.slice(0, path.length - result.length);
  return (caller) => (result === '' ? follow.status(caller, id, url) : follow.answer(caller, id, wantedBy(request)));
}

const GATEWAY_ID = /\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/result)?$/;

/** Below a polled operation the gateway answers, not the provider: what is read there by a name that is no id is no message. */
function isFollowed(address: string, path: string, registry: Registry): boolean {
  try {
    const { service, version, path: asked } = parseAddress('GET', address).address;
    const operations = registry.service(service ?? '', version ?? 0)?.operations ?? [];
    const isAt = (at: string) => (one: Operation) => one.rest !== null && matchesPath(one.rest.path, at);
    if (!operations.filter(isAt(asked)).some(({ profile }) => profile === 'async-polled')) return false;
    if (GATEWAY_ID.test(path)) return true;
    const below = parseAddress('GET', path).address.path;
    const reads = operations.filter(isAt(below)).filter(({ rest }) => rest?.method === 'GET');
    return asked !== '' && reads.length > 0 && reads.every(({ rest }) => rest?.path !== below);
  } catch {
    // told by who serves the address
    return false;
  }
}
