import { EventSourceParserStream } from 'eventsource-parser/stream';

/** One change of a message in the operator's scope; `event` is a name of src/trace/events.ts. */
export interface LiveEvent {
  readonly event: string;
  readonly messageId: string;
  readonly at: string;
  readonly to: string | null;
}

/** live: as it happens; polling: the stream cannot be had, pages ask every {@link POLL_MS}; connecting: neither yet. */
export type StreamState = 'connecting' | 'live' | 'polling';

export interface Listener {
  /** Some changes at once, at most four times a second; none: the pages should look for themselves. */
  readonly onEvents: (events: readonly LiveEvent[]) => void;
  readonly onState: (state: StreamState) => void;
}

const FLUSH_MS = 250;
const POLL_MS = 10_000;
const WAITS_MS = [1_000, 2_000, 5_000, 10_000];

/**
 * Follows the journal until `signal` is aborted: server-sent events, resumed after the last one that was seen (HTML §9.2, Last-Event-ID).
 * Where the stream cannot be had it tries again, and lets the pages ask in between.
 */
export async function follow(listener: Listener, signal: AbortSignal): Promise<void> {
  let last: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    const seen: { last: string | null } | null = await read(listener, last, signal).catch(() => null);
    if (signal.aborted) return;
    if (seen) last = seen.last;
    failures = seen ? 0 : failures + 1;
    if (failures > 1) listener.onState('polling');
    if (failures !== 1) listener.onEvents([]);
    await pause(seen ? 250 : (WAITS_MS[failures - 1] ?? POLL_MS), signal);
  }
}

/** Reads one stream to its end. Rejects where it cannot be had. */
async function read(
  { onEvents, onState }: Listener,
  last: string | null,
  signal: AbortSignal,
): Promise<{ last: string | null }> {
  const headers = { accept: 'text/event-stream', ...(last !== null && { 'last-event-id': last }) };
  const response = await fetch('/admin/events', { headers, signal });
  // A position that another version of the gateway has given: what was missed, the pages look for themselves.
  if (response.status === 400 && last !== null) return { last: null };
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  onState('live');
  const waiting = collector(onEvents);
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  let seen = last;
  try {
    for await (const { id, data } of events) {
      waiting.add(JSON.parse(data) as LiveEvent);
      seen = id ?? seen;
    }
  } catch {
    // The connection broke: what came before it stands.
  } finally {
    waiting.flush();
  }
  return { last: seen };
}

/** Gathers what comes in bursts: two thousand changes a second are four calls. */
function collector(onEvents: Listener['onEvents']) {
  let gathered: LiveEvent[] = [];
  let timer: number | undefined;
  const flush = () => {
    window.clearTimeout(timer);
    timer = undefined;
    if (gathered.length > 0) onEvents(gathered);
    gathered = [];
  };
  const add = (event: LiveEvent) => {
    gathered.push(event);
    timer ??= window.setTimeout(flush, FLUSH_MS);
  };
  return { add, flush };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (window.clearTimeout(timer), resolve()), { once: true });
  });
}
