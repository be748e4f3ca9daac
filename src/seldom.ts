/** Who asks within `ms` of the last time is given the same answer. A failure is not remembered: who comes next asks again. */
export function seldom<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | null = null;
  return () => {
    if (last !== null && performance.now() - last.at < ms) return last.answer;
    const answer = ask();
    last = { at: performance.now(), answer };
    answer.catch(() => (last = null));
    return answer;
  };
}
