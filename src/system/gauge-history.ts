import { memoryUsage } from 'node:process';
import type { Readings } from '../readings.js';

/** How a node was doing at one moment. */
export interface GaugePoint {
  readonly at: Date;
  /** Bytes of the process. */
  readonly memory: number;
  /** Percent of the time since the point before in which its event loop was at work. */
  readonly busy: number;
  /** Bytes that are free; empty where they cannot be read. */
  readonly disks: readonly { readonly place: string; readonly free: number }[];
}

/** What this node has seen of itself since its start, in memory: one point a minute of the last day. */
export interface GaugeHistory {
  /** The oldest first. */
  points(): readonly GaugePoint[];
}

const EVERY_MS = 60_000;
const MOST = 1_440;

interface Parts {
  readonly disks: Readings['disks'];
  /** Aborted when this node stops. */
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  readonly most?: number;
}

export function keepGaugeHistory({ disks, signal, everyMs = EVERY_MS, most = MOST }: Parts): GaugeHistory {
  const points: GaugePoint[] = [];
  let before = performance.eventLoopUtilization();
  const look = async () => {
    const at = new Date();
    const now = performance.eventLoopUtilization();
    const busy = Math.round(1_000 * performance.eventLoopUtilization(now, before).utilization) / 10;
    before = now;
    const seen = await disks().catch(() => []);
    points.push({ at, memory: memoryUsage.rss(), busy, disks: seen.map(({ place, free }) => ({ place, free })) });
    if (points.length > most) points.shift();
  };
  void look();
  const timer = setInterval(() => void look(), everyMs).unref();
  signal.addEventListener('abort', () => clearInterval(timer));
  return { points: () => [...points] };
}
