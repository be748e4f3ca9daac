import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { followTogether } from './shared-stream';
import type { LiveEvent, StreamState } from './stream';

type Hear = (events: readonly LiveEvent[]) => void;

interface Live {
  readonly state: StreamState | 'paused';
  readonly isPaused: boolean;
  readonly setPaused: (paused: boolean) => void;
  /** When the pages were told of something last. */
  readonly lastUpdate: Date | null;
  readonly subscribe: (hear: Hear) => () => void;
}

const Context = createContext<Live | null>(null);

export function useStream(): Live {
  const live = useContext(Context);
  if (!live) throw new Error('no stream around this page');
  return live;
}

/** Follows the journal while the operator wants it and the tab is seen (WCAG 2.2 SC 2.2.2: what moves can be paused). */
export function StreamProvider({ children }: { readonly children: ReactNode }) {
  const [isPaused, setPaused] = useState(false);
  const [state, setState] = useState<StreamState>('connecting');
  const [lastUpdate, setLastUpdate] = useState<Date | null>(null);
  const hearers = useRef(new Set<Hear>());
  useEffect(() => {
    if (isPaused) return;
    const end = new AbortController();
    const onEvents: Hear = (events) => {
      setLastUpdate(new Date());
      for (const hear of hearers.current) hear(events);
    };
    followTogether({ onEvents, onState: setState }, end.signal);
    return () => end.abort();
  }, [isPaused]);
  const live = useMemo(
    () => ({
      state: isPaused ? ('paused' as const) : state,
      isPaused,
      setPaused,
      lastUpdate,
      subscribe: (hear: Hear) => (hearers.current.add(hear), () => void hearers.current.delete(hear)),
    }),
    [isPaused, state, lastUpdate],
  );
  return <Context.Provider value={live}>{children}</Context.Provider>;
}
