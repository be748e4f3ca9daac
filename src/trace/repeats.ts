interface Told {
  readonly text: string;
  readonly at: number;
  left: number;
}

/**
 * What is tried again each second fails each second while its server is away. By subject: the number of times that the same was left
 * out since it was last told, or null where it is left out now. The same is told once in `everyMs`, something else at once.
 */
export function createRepeats(
  everyMs: number,
  now: () => number = Date.now,
): (subject: string, text: string) => number | null {
  const told = new Map<string, Told>();
  return (subject, text) => {
    const last = told.get(subject);
    if (last?.text === text && now() - last.at < everyMs) {
      last.left++;
      return null;
    }
    told.set(subject, { text, at: now(), left: 0 });
    return last?.left ?? 0;
  };
}
