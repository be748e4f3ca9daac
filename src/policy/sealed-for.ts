import type { Registry } from '../registry/registry.js';

/** The first of the participants whose contents are kept encrypted; null: none asks for it. */
export function sealedFor(registry: Pick<Registry, 'participant'>, participants: readonly string[]): string | null {
  return participants.find((id) => registry.participant(id)?.encryptPayloads) ?? null;
}
