import { randomBytes } from 'node:crypto';
import { Fault } from '../../message/fault.js';
import type { Registry } from '../../registry/registry.js';
import { grantSystem, type Grant } from './grants.js';

interface NewUserParts {
  readonly registry: () => Registry;
  /** Null: RabbitMQ's management API is not known. */
  readonly managementUrl: string | null;
  /** Its path names the virtual host. */
  readonly amqpUrl: string | undefined;
}

/**
 * Makes a RabbitMQ user of a system (the first that is registered, or the named one) under a new random password, which is told once and kept nowhere. Throws Fault
 * parameter-wrong (no such amqp credential), destination-missing (no management API) or one of `grantSystem`.
 */
export function createNewUser({ registry, managementUrl, amqpUrl }: NewUserParts) {
  return async (system: string, wanted?: string): Promise<Required<Grant>> => {
    const username = usernameOf(system, registry(), wanted);
    if (managementUrl === null) {
      const detail = 'AMQP_MANAGEMENT_URL is not set.';
      throw new Fault('destination-missing', { detail, place: 'AMQP_MANAGEMENT_URL' });
    }
    const password = randomBytes(24).toString('base64url');
    const vhost = decodeURIComponent(new URL(amqpUrl ?? 'amqp://localhost').pathname.slice(1)) || '/';
    await grantSystem(managementUrl, { system, username, password, vhost });
    return { system, username, password, vhost };
  };
}

function usernameOf(system: string, registry: Registry, wanted?: string): string {
  const credentials = registry.system(system)?.credentials ?? [];
  const usernames = credentials.flatMap((one) => (one.kind === 'amqp' ? one.username : []));
  const username = wanted === undefined ? usernames[0] : usernames.find((one) => one === wanted);
  if (username !== undefined) return username;
  const detail = `System "${system}" has no ${wanted === undefined ? '' : 'such '}amqp credential in the registry.`;
  throw new Fault('parameter-wrong', {
    detail,
    place: wanted === undefined ? 'system' : 'username',
    ...(usernames.length > 0 && { expected: usernames.join(', ') }),
  });
}
