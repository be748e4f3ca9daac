import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemNote } from './problem-note';

interface Props<T> {
  /** What showing it means, such as that the look is written to the audit log. */
  readonly text: string;
  readonly button: string;
  readonly read: () => Promise<T>;
  readonly children: (read: T) => ReactNode;
}

/** Contents of messages: read when asked for, and not before. */
export function OnDemand<T>({ text, button, read, children }: Props<T>) {
  const { data, error, isPending, mutate } = useMutation({ mutationFn: read });
  return (
    <>
      {data === undefined && (
        <>
          <p>{text}</p>
          <button type="button" className="btn btn-sm btn-primary" onClick={() => mutate()} disabled={isPending}>
            {button}
          </button>
        </>
      )}
      {error && <ProblemNote error={error} />}
      {data !== undefined && children(data)}
    </>
  );
}
