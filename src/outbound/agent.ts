import { LRUCache } from 'lru-cache';
import { Agent } from 'undici';
import { guardedConnector, type AddressForbidden, type ConnectorParts } from './connector.js';
import { forbiddenBut } from './networks.js';

type Rule = Pick<ConnectorParts, 'forbidden' | 'refused'>;

/** A host that is refused at every try is told once in this time. */
const TOLD_AGAIN_MS = 900_000;
const HOSTS_REMEMBERED = 1_000;

/** What the settings allow; each refused host is told to the log with its address. */
export function outboundRule(
  { allowedNetworks }: { readonly allowedNetworks: readonly string[] },
  log: { problem(part: string): (error: unknown) => void },
): Rule {
  const told = new LRUCache<string, true>({ max: HOSTS_REMEMBERED, ttl: TOLD_AGAIN_MS });
  const problem = log.problem('outbound');
  const refused = (error: AddressForbidden) => {
    if (told.has(error.message)) return;
    told.set(error.message, true);
    problem(error);
  };
  return { forbidden: forbiddenBut(allowedNetworks), refused };
}

/** Connections kept alive to registered addresses, `connections` to one origin at most; the deadline of each exchange is its own signal. */
export const outboundAgent = (parts: ConnectorParts & { readonly connections: number }): Agent =>
  new Agent({
    connections: parts.connections,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: guardedConnector(parts),
  });
