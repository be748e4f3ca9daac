import { follow, type LiveEvent, type Listener, type StreamState } from './stream';

const NAME = 'crocevia-events';

type Note = { readonly events: readonly LiveEvent[] } | { readonly state: StreamState } | { readonly ask: true };

/**
 * One stream for all tabs of a browser, which opens six connections to a server at most: the tab that holds the lock follows, and tells the
 * others. Without locks (they need TLS or localhost) each tab follows for itself.
 */
export function followTogether(listener: Listener, signal: AbortSignal): void {
  if (!('locks' in navigator)) return void follow(listener, signal);
  const channel = new BroadcastChannel(NAME);
  signal.addEventListener('abort', () => channel.close(), { once: true });
  channel.onmessage = ({ data }: MessageEvent<Note>) => {
    if ('events' in data) listener.onEvents(data.events);
    if ('state' in data) listener.onState(data.state);
  };
  channel.postMessage({ ask: true } satisfies Note);
  navigator.locks.request(NAME, { signal }, () => lead(channel, listener, signal)).catch(() => undefined);
}

async function lead(channel: BroadcastChannel, listener: Listener, signal: AbortSignal): Promise<void> {
  let now: StreamState = 'connecting';
  const tell = (note: Note) => void (!signal.aborted && channel.postMessage(note));
  channel.onmessage = ({ data }: MessageEvent<Note>) => 'ask' in data && tell({ state: now });
  const both: Listener = {
    onEvents: (events) => (listener.onEvents(events), tell({ events })),
    onState: (state) => ((now = state), listener.onState(state), tell({ state })),
  };
  await follow(both, signal);
}
