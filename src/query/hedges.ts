import type { HttpAnswer } from '../delivery/http-exchange.js';
import { isUnavailable } from './retries.js';

type Call = (signal: AbortSignal) => Promise<HttpAnswer>;

/** Second calls beside a first one that is slow, as this process sends them. */
export interface Hedges {
  /**
   * For one question that is safe to ask twice: how each of its attempts is made. One of them is hedged at most, `sent`
   * is then told after how many milliseconds; none while the circuit of the system is not closed, and none where fewer
   * than ten such questions were asked since the last hedge, so that a system that is slow does not get twice the calls.
   */
  question(
    system: string,
    afterMs: number,
    sent: (ms: number) => void,
  ): (call: Call, signal: AbortSignal) => ReturnType<Call>;
}

interface HedgesParts {
  readonly isClosed: (system: string) => boolean;
  /** Told of each hedge. */
  readonly sent: () => void;
}

const QUESTIONS_PER_HEDGE = 10;

export function createHedges({ isClosed, sent: told }: HedgesParts): Hedges {
  const asked = new Map<string, number>();
  const sinceLast = (system: string) => asked.get(system) ?? 0;
  return {
    question: (system, afterMs, sent) => {
      asked.set(system, sinceLast(system) + 1);
      let isHedged = false;
      const mayHedge = () => !isHedged && isClosed(system) && sinceLast(system) >= QUESTIONS_PER_HEDGE;
      return (call, signal) => {
        const start = performance.now();
        const hedging = () => {
          if (!mayHedge()) return false;
          isHedged = asked.delete(system);
          sent(Math.round(performance.now() - start));
          told();
          return true;
        };
        return hedged(call, { afterMs, signal, hedging });
      };
    },
  };
}

interface HedgeBounds {
  /** The first call has this time for itself. */
  readonly afterMs: number;
  /** Ends both calls; what is thrown then is its reason. */
  readonly signal: AbortSignal;
  /** Asked at most once, when that time is over: whether there may be a second call, which then is made. */
  readonly hedging: () => boolean;
}

/**
 * Calls, and calls again beside the first call where it has not ended after `afterMs`. Gives the first answer that is of
 * use and aborts the other call; where none is, what came of the first call.
 */
async function hedged(call: Call, { afterMs, signal, hedging }: HedgeBounds): Promise<HttpAnswer> {
  const won = new AbortController();
  const ofBoth = AbortSignal.any([signal, won.signal]);
  const first = call(ofBoth);
  if (!(await outlasts(first, afterMs)) || !hedging()) return first;
  try {
    return await Promise.any([first, call(ofBoth)].map(ofUse));
  } catch {
    return await first;
  } finally {
    won.abort(new Error('the other call was answered'));
  }
}

const ofUse = async (call: Promise<HttpAnswer>): Promise<HttpAnswer> => {
  const answer = await call;
  if (isUnavailable(answer)) throw new Error('unavailable');
  return answer;
};

function outlasts(call: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    const ended = () => {
      clearTimeout(timer);
      resolve(false);
    };
    call.then(ended, ended);
  });
}
