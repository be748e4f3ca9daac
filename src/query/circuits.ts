import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhenResult,
  noJitterGenerator,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import type { HttpAnswer } from '../delivery/http-exchange.js';
import { Fault } from '../message/fault.js';
import type { Party } from '../message/message.js';
import { isUnavailable } from './retries.js';

export interface CircuitChange {
  readonly system: string;
  readonly state: 'open' | 'half-open' | 'closed';
}

/** A circuit for each answering system, as this process sees it; none knows of another. */
export interface Circuits {
  /**
   * Lets the call through, with its retries, or throws circuit-open at once where the system has failed too often. While a circuit is
   * open one call at a time is let through as a probe, first after 5 s, then after twice as long, at most 60 s.
   */
  through(receiver: Party, call: () => Promise<HttpAnswer>): Promise<HttpAnswer>;
  isClosed(system: string): boolean;
  /** How many are not closed. */
  open(): number;
}

const FAILURES = 5;
const FIRST_BREAK_MS = 5_000;
const LONGEST_BREAK_MS = 60_000;

const STATES = {
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Closed]: 'closed',
  [CircuitState.Isolated]: 'open',
} as const;

export function createCircuits(changed: (change: CircuitChange) => void): Circuits {
  const circuits = new Map<string, CircuitBreakerPolicy>();
  const circuitOf = (system: string) => {
    const known = circuits.get(system);
    if (known) return known;
    const circuit = newCircuit();
    circuit.onStateChange((state) => changed({ system, state: STATES[state] }));
    circuits.set(system, circuit);
    return circuit;
  };
  return {
    through: async (receiver, call) => {
      const circuit = circuitOf(receiver.system);
      // The library lets everybody wait for the probe.
      if (circuit.state === CircuitState.HalfOpen) throw openFault(receiver);
      const ended = await circuit.execute(judged(call, circuit)).catch((error: { isBrokenCircuitError?: true }) => {
        throw error.isBrokenCircuitError ? openFault(receiver) : error;
      });
      if (ended.end.status === 'rejected') throw ended.end.reason;
      return ended.end.value;
    },
    isClosed: (system) => circuitOf(system).state === CircuitState.Closed,
    open: () => [...circuits.values()].filter(({ state }) => state !== CircuitState.Closed).length,
  };
}

interface Ended {
  readonly end: PromiseSettledResult<HttpAnswer>;
  readonly isFailure: boolean;
}

/**
 * What tells nothing of the provider rejects: to a closed circuit the library then counts neither a failure nor a success.
 * A probe that tells nothing, because its consumer hung up, leaves the circuit open. A call from before the circuit
 * opened says nothing any more: the library would take its failure for that of the probe.
 */
function judged(call: () => Promise<HttpAnswer>, circuit: CircuitBreakerPolicy): () => Promise<Ended> {
  const isProbe = circuit.state !== CircuitState.Closed;
  return async () => {
    const [end] = await Promise.allSettled([call()]);
    if (end.status === 'rejected' && !isProbe && saysNothing(end.reason)) throw end.reason;
    const isFailure = end.status === 'fulfilled' ? isUnavailable(end.value) : isProbe || isOfProvider(end.reason);
    return { end, isFailure: isFailure && (isProbe || circuit.state === CircuitState.Closed) };
  };
}

const newCircuit = (): CircuitBreakerPolicy =>
  circuitBreaker(
    handleWhenResult((ended) => (ended as Ended).isFailure),
    {
      breaker: new ConsecutiveBreaker(FAILURES),
      halfOpenAfter: new ExponentialBackoff({
        generator: noJitterGenerator,
        initialDelay: FIRST_BREAK_MS,
        maxDelay: LONGEST_BREAK_MS,
      }),
    },
  );

const OF_PROVIDER = ['receiver-error', 'receiver-unreachable', 'receiver-timeout', 'certificate-expired'];

const saysNothing = (error: unknown): boolean => !(error instanceof Fault && OF_PROVIDER.includes(error.code));

/** An answer that is too long has no cause, and comes from a provider that works. */
function isOfProvider(error: unknown): boolean {
  if (!(error instanceof Fault) || saysNothing(error)) return false;
  return error.code !== 'receiver-error' || error.info.cause !== undefined;
}

const openFault = ({ participant, system }: Party) =>
  new Fault('circuit-open', {
    detail: `System ${system} has failed ${FAILURES} times in a row or more; it is spared for a while.`,
    place: participant,
    retryAfterSeconds: FIRST_BREAK_MS / 1000,
  });
