/**
 * Yields the result of each item as it is there, with at most `atOnce` of them under way or waiting to be taken: a reader
 * that does not ask for more lets nothing more begin. Nothing begins once `signal` is aborted. `work` must not reject.
 */
export async function* asTheyCome<T, R>(
  items: readonly T[],
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const waiting = items.values();
  const underWay = new Map<T, Promise<{ readonly item: T; readonly result: R }>>();
  const begin = (item: T) =>
    underWay.set(
      item,
      work(item).then((result) => ({ item, result })),
    );
  for (;;) {
    while (underWay.size < atOnce && !signal.aborted) {
      const next = waiting.next();
      if (next.done) break;
      begin(next.value);
    }
    if (underWay.size === 0) return;
    const { item, result } = await Promise.race(underWay.values());
    underWay.delete(item);
    yield result;
  }
}
