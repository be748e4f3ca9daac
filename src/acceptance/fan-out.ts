import { newId } from '../new-id.js';
import { faultFrom } from '../message/fault.js';
import type { Identified, Reply } from '../message/stages.js';
import { announced } from '../policy/announce.js';
import { decideEach, type Decided } from '../policy/fan-out.js';
import { nameReceivers } from '../policy/name-receiver.js';
import { represent } from '../policy/represent.js';
import { resolveBelow } from '../policy/resolve.js';
import type { Resolved } from '../policy/stages.js';
import type { Throttle } from '../policy/throttle.js';
import { validate } from '../policy/validate.js';
import type { Registry } from '../registry/registry.js';
import type { Ask } from '../query/ask.js';
import { preferredWaitMs } from '../policy/prefer.js';
import type { Tracing } from '../trace/tracing.js';
import { createPlaces } from './places.js';
import { fanOutLines, type FanOutRun, type Question } from './fan-out-stream.js';
import { refuseAs, type Progress, type RefuseParts } from './refuse.js';

export interface FanOutParts extends RefuseParts {
  readonly registry: () => Registry;
  readonly throttle: Throttle;
  readonly ask: Ask;
  readonly tracing: Pick<Tracing, 'arrival'>;
  /** Throws maintenance where nothing new is taken. */
  readonly requireOpen: () => void;
  /** Aborted when this node stops: what is under way has a moment more, and nothing more begins. */
  readonly stopSignal: AbortSignal;
}

/** The answers of many providers, line by line. */
export interface FanOut {
  readonly headers: Readonly<Record<string, string>>;
  /** NDJSON, for one reader; the last line tells that it is whole. Never throws. */
  readonly lines: AsyncIterable<Buffer>;
  /** When the last question ends. */
  readonly deadline: Date;
}

/**
 * Asks every provider below the participant of the address the same. The request is read, resolved and validated once;
 * what is wrong with it itself is a refusal, as `Receive` answers it, and what goes wrong with one provider is its line.
 * `signal` is aborted when the consumer hangs up: every question then ends.
 */
export type ReceiveFanOut = (identified: Identified, body: Buffer, signal: AbortSignal) => Promise<Reply | FanOut>;

const WAIT_MS = 30_000;
const MAX_WAIT_MS = 60_000;

/** Fan-outs under way at once; the answers that each holds are bounded in the stream. */
const PLACES = { all: 16, ofSystem: 4 } as const;

export function createFanOut(parts: FanOutParts): ReceiveFanOut {
  const takePlace = createPlaces('fan-outs', PLACES);
  const receive: ReceiveFanOut = async (identified, body, signal) => {
    let progress: Progress & Identified = identified;
    let leave = () => undefined as void;
    try {
      parts.requireOpen();
      leave = takePlace(identified.caller.system);
      const decoded = represent(await parts.protocols.rest.decode(identified, body));
      progress = decoded;
      decoded.clock.mark('decode');
      const registry = parts.registry();
      const resolved = correlated(resolveBelow(decoded, registry));
      progress = resolved;
      const decided = await decideEach(resolved, registry, new Date(), parts.throttle);
      return begin(resolved, await questionsOf(resolved, decided), { parts, signal, leave });
    } catch (error) {
      leave();
      const refusal = announced(await refuseAs(parts, faultFrom(error), progress, body.length), progress.service);
      return { ...refusal, headers: { ...refusal.headers, ...parts.throttle.headers(progress) } };
    } finally {
      progress.document?.close();
    }
  };
  return async (identified, body, signal) => {
    const trace = parts.tracing.arrival(identified);
    const answer = await receive({ ...identified, trace }, body, signal);
    trace.end('status' in answer ? answer.status : 200);
    return answer;
  };
}

/** One id by which every question of the fan-out is found, and headers that are meant for the providers. */
const correlated = (resolved: Resolved): Resolved & { readonly correlationId: string } => ({
  ...resolved,
  headers: withoutNdjson(resolved.headers),
  correlationId: resolved.correlationId ?? resolved.relatesTo ?? resolved.messageId ?? `urn:uuid:${newId()}`,
});

/** `Accept: application/x-ndjson` is said to the gateway: no provider answers so. */
function withoutNdjson({ accept, ...others }: Resolved['headers']): Resolved['headers'] {
  const ranges = (accept ?? '').split(',').filter((range) => !/^\s*application\/x-ndjson\s*(;|$)/i.test(range));
  const left = ranges.join(',').trim();
  return left === '' ? others : { ...others, accept: left };
}

async function questionsOf(resolved: Resolved, decided: readonly Decided[]): Promise<readonly Question[]> {
  const routes = decided.flatMap((one) => ('authorised' in one ? one.authorised.routes : []));
  const validated = await validate({ ...resolved, routes }, [resolved.address.participant ?? '']);
  const questionTo = nameReceivers(validated);
  return decided.map((one) => {
    if ('fault' in one) return one;
    const [route] = one.authorised.routes;
    return { provider: one.provider, validated: questionTo(route!) };
  });
}

interface Beginning {
  readonly parts: FanOutParts;
  readonly signal: AbortSignal;
  readonly leave: () => void;
}

function begin(
  resolved: Resolved & { readonly correlationId: string },
  questions: readonly Question[],
  { parts, signal, leave }: Beginning,
): FanOut {
  const { correlationId, headers, service } = resolved;
  const waitMs = Math.min(preferredWaitMs(headers) ?? WAIT_MS, MAX_WAIT_MS);
  const deadline = new Date(Date.now() + waitMs);
  const run: FanOutRun = { parts, resolved, correlationId, deadline, gone: signal, leave };
  const own = {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-correlation-id': correlationId,
  };
  // A stream that is dropped before it was read has no end of its own.
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  const answer = announced({ status: 200, headers: own, body: '' }, service);
  return {
    headers: { ...answer.headers, ...parts.throttle.headers(resolved) },
    lines: fanOutLines(questions, run),
    deadline,
  };
}
