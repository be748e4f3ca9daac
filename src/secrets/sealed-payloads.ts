import type { PayloadStore } from '../acceptance/payloads.js';
import type { DataKeys } from './data-keys.js';
import { objectKey, openSegments, sealSegments } from './segments.js';

interface SealedParts {
  readonly store: PayloadStore;
  readonly keys: Pick<DataKeys, 'get'>;
  /** Id of the data key under which an object was begun; null: it is kept as it is. */
  readonly sealedBy: (id: string) => Promise<string | null>;
}

/** A payload store of which some objects are encrypted, wherever they lie; memory is that of a segment. */
export function sealedPayloads({ store, keys, sealedBy }: SealedParts): PayloadStore {
  const keyOf = async (id: string) => {
    const key = await sealedBy(id);
    return key === null ? null : objectKey(await keys.get(key), id);
  };
  return {
    write: async (id, source) => {
      const key = await keyOf(id);
      await store.write(id, key ? sealSegments(key, source) : source);
    },
    read: async function* (id, from, to) {
      const key = await keyOf(id);
      yield* key ? openSegments(key, (start, end) => store.read(id, start, end), from, to) : store.read(id, from, to);
    },
    remove: (id) => store.remove(id),
  };
}
