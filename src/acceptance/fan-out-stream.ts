import { setMaxListeners } from 'node:events';
import { Fault, faultFrom } from '../message/fault.js';
import type { Reply } from '../message/stages.js';
import type { Resolved, Validated } from '../policy/stages.js';
import type { Ask } from '../query/ask.js';
import { asTheyCome } from '../query/as-they-come.js';
import { closingLine, openingLine, providerLine, type Told } from '../query/fan-out-lines.js';
import { answerOf, contextOf, refuseAs, type RefuseParts } from './refuse.js';

/** One provider to ask, or why it is not asked. */
export type Question = { readonly provider: string } & ({ readonly validated: Validated } | { readonly fault: Fault });

export interface FanOutRun {
  readonly parts: RefuseParts & { readonly ask: Ask; readonly stopSignal: AbortSignal };
  readonly resolved: Resolved;
  readonly correlationId: string;
  readonly deadline: Date;
  /** Aborted when the consumer hangs up. */
  readonly gone: AbortSignal;
  /** Called when the stream has ended. */
  readonly leave: () => void;
}

/** Of one fan-out: its questions under way or answered and not yet read, and the bytes of each answer. */
const AT_ONCE = 16;
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

/** What is under way when the node stops has so long to end. */
const STOP_MS = 10_000;

/** The lines as the answers come. Ends early, without its last line, where the consumer has hung up. */
export async function* fanOutLines(questions: readonly Question[], run: FanOutRun): AsyncGenerator<Buffer> {
  const { gone, correlationId, deadline, leave } = run;
  const start = performance.now();
  const counts = { answered: 0, failed: 0 };
  const stop = endAfterStop(run.parts.stopSignal);
  const signal = AbortSignal.any([gone, stop.signal]);
  setMaxListeners(0, signal);
  try {
    yield openingLine({ providers: questions.length, correlationId, deadline });
    const work = (question: Question) => tell(question, run, signal);
    for await (const told of asTheyCome(questions, { atOnce: AT_ONCE, signal: gone }, work)) {
      if (gone.aborted) return;
      counts[told.outcome] += 1;
      yield providerLine(told);
    }
    if (!gone.aborted) yield closingLine({ ...counts, ms: since(start) });
  } finally {
    stop.forget();
    leave();
  }
}

const since = (start: number): number => Math.round((performance.now() - start) * 100) / 100;

const stopping = () => new Fault('stopping', { detail: 'This node is stopping.', retryAfterSeconds: 5 });

/** A signal that follows `stopSignal` a moment later. */
function endAfterStop(stopSignal: AbortSignal) {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => void (timer = setTimeout(() => end.abort(stopping()), STOP_MS));
  stopSignal.addEventListener('abort', begin, { once: true });
  const forget = () => {
    stopSignal.removeEventListener('abort', begin);
    clearTimeout(timer);
  };
  return { signal: end.signal, forget };
}

/** Never rejects. */
async function tell(question: Question, run: FanOutRun, signal: AbortSignal): Promise<Told> {
  const start = performance.now();
  const { outcome, reply } = await replyTo(question, run, signal);
  return { provider: question.provider, outcome, reply, ms: since(start) };
}

async function replyTo(
  question: Question,
  run: FanOutRun,
  signal: AbortSignal,
): Promise<Pick<Told, 'outcome' | 'reply'>> {
  const { parts, resolved, deadline } = run;
  if (parts.stopSignal.aborted) return { outcome: 'failed', reply: unasked(run, stopping()) };
  try {
    if ('fault' in question) throw question.fault;
    const asked = await parts.ask(question.validated, signal, { by: deadline, maxBytes: MAX_ANSWER_BYTES });
    return { outcome: 'reply' in asked ? 'answered' : 'failed', reply: await answerOf(parts, asked, resolved) };
  } catch (error) {
    const address = { ...resolved.address, participant: question.provider };
    const size = resolved.content.length;
    return { outcome: 'failed', reply: await refuseAs(parts, faultFrom(error), { ...resolved, address }, size) };
  }
}

/** A refusal that leaves nothing to look up. */
function unasked({ parts, resolved }: FanOutRun, fault: Fault): Reply {
  return parts.protocols.rest.refused(fault, resolved, contextOf(parts, resolved, null, false));
}
