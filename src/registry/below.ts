import type { Participant } from './model.js';

/** IPA codes of a body and of every one below it. */
export function below(top: string, tree: readonly Pick<Participant, 'id' | 'parent'>[]): ReadonlySet<string> {
  const parents = new Map(tree.map(({ id, parent }) => [id, parent]));
  const isBelow = (id: string) => {
    for (let at: string | null | undefined = id; at; at = parents.get(at)) if (at === top) return true;
    return false;
  };
  return new Set(tree.map(({ id }) => id).filter(isBelow));
}
