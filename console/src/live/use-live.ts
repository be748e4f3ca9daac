import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { LiveEvent } from './stream';
import { useStream } from './stream-provider';

/** Hears of every change while the page is open and updates are not paused. */
export function useLive(hear: (events: readonly LiveEvent[]) => void): void {
  const { subscribe } = useStream();
  const newest = useRef(hear);
  newest.current = hear;
  useEffect(() => subscribe((events) => newest.current(events)), [subscribe]);
}

const REFRESH_MS = 2_000;

const anything = () => true;

/** Asks anew for what a page shows when something `about` it has changed, at most once in `everyMs` however much happens. */
export function useLiveRefresh(
  key: QueryKey,
  about: (event: LiveEvent) => boolean = anything,
  everyMs = REFRESH_MS,
): void {
  const client = useQueryClient();
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useLive((events) => {
    if (timer.current !== undefined || (events.length > 0 && !events.some(about))) return;
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: key });
    }, everyMs);
  });
}
