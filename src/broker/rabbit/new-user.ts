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
 * Makes the RabbitMQ user of a system under a new random password, which is told once and kept nowhere. Throws Fault
 * parameter-wrong (no amqp credential), destination-missing (no management API) or one of `grantSystem`.
 */
export function createNewUser({ registry, managementUrl, amqpUrl }: NewUserParts) {
  return async (system: string): Promise<Required<Grant>> => {
    const username = usernameOf(system, registry());
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

function usernameOf(system: string, registry: Registry): string {
  const credential = registry.system(system)?.credentials.find(({ kind }) => kind === 'amqp');
  if (credential?.kind === 'amqp') return credential.username;
  const detail = `System "${system}" has no amqp credential in the registry.`;
  throw new Fault('parameter-wrong', { detail, place: 'system' });
}
