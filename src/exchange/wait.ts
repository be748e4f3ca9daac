import { createPlaces } from '../acceptance/places.js';
import type { JournalFeed } from '../trace/ports.js';
import type { Exchanges } from './ports.js';

/**
 * Waits for the answer to a message of the system, up to `ms`; false where none came, the message has failed, or the signal was
 * aborted. Throws overloaded where too many wait already.
 */
export type WaitForAnswer = (system: string, id: string, ms: number, signal: AbortSignal) => Promise<boolean>;

interface WaitParts {
  readonly exchanges: Pick<Exchanges, 'answersTo'>;
  readonly feed: JournalFeed;
  /** Told of a look at the ledger that failed; the next one may succeed. */
  readonly problem: (error: unknown) => void;
}

/** Connections that are held open for an answer at once. */
const PLACES = { all: 1_000, ofSystem: 100 };
/** An answer that another node took is found by asking the ledger, once for all that wait. */
const LOOK_EVERY_MS = 250;

export function createWaitForAnswer({ exchanges, feed, problem }: WaitParts): WaitForAnswer {
  const waiting = new Map<string, Set<(isAnswered: boolean) => void>>();
  const takePlace = createPlaces('waiting messages', PLACES);
  let timer: NodeJS.Timeout | null = null;
  const tell = (id: string, isAnswered: boolean) => waiting.get(id)?.forEach((settle) => settle(isAnswered));
  const look = async () => {
    const answers = await exchanges.answersTo([...waiting.keys()]);
    for (const id of answers.keys()) tell(id, true);
  };
  const lookLater = () => {
    timer ??= setTimeout(() => {
      void look()
        .catch(problem)
        .finally(() => {
          timer = null;
          if (waiting.size > 0) lookLater();
        });
    }, LOOK_EVERY_MS);
  };
  feed.subscribe((events) => {
    for (const { event, messageId } of events) {
      if (event === 'message.answered') tell(messageId, true);
      if (event === 'message.partially-failed') tell(messageId, false);
    }
  });
  return async (system, id, ms, signal) => {
    if (signal.aborted) return false;
    const leave = takePlace(system);
    return new Promise<boolean>((resolve) => {
      const own = waiting.get(id) ?? new Set();
      const settle = (isAnswered: boolean) => {
        clearTimeout(deadline);
        signal.removeEventListener('abort', giveUp);
        leave();
        own.delete(settle);
        if (own.size === 0) waiting.delete(id);
        resolve(isAnswered);
      };
      const giveUp = () => settle(false);
      const deadline = setTimeout(giveUp, ms);
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.set(id, own.add(settle));
      lookLater();
    });
  };
}
