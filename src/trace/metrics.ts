import { Counter, Gauge, Histogram, Registry as Metrics, collectDefaultMetrics } from 'prom-client';
import type { Fault } from '../message/fault.js';
import type { JournalEvent } from './events.js';

/** Counts derived from the journal and from refusals; one registry a process, in the Prometheus text format. */
export interface GatewayMetrics {
  journal(events: readonly JournalEvent[]): void;
  refused(fault: Fault): void;
  /** A request over a limit: whose kind it is. */
  limited(limit: string): void;
  /** Set when scraped. */
  gauge(name: 'broker_connected' | 'store_ready' | 'query_circuits_open', read: () => number): void;
  /** Counts one more at each call. */
  counter(name: 'query_hedges' | 'query_cache_hits' | 'query_cache_misses' | 'query_unrecorded'): () => void;
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetrics(): GatewayMetrics {
  const registry = new Metrics();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: 'crocevia_events_total',
    help: 'Journal events',
    labelNames: ['event'],
    registers,
  });
  const faults = new Counter({
    name: 'crocevia_faults_total',
    help: 'Refusals by code',
    labelNames: ['code', 'blame'],
    registers,
  });
  const attempts = new Histogram({
    name: 'crocevia_attempt_seconds',
    help: 'Duration of delivery attempts',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const limited = new Counter({
    name: 'crocevia_rate_limited_total',
    help: 'Requests over a limit, by what the limit is of',
    labelNames: ['limit'],
    registers,
  });
  return {
    limited: (limit) => limited.inc({ limit }),
    journal(rows) {
      for (const { event, detail } of rows) {
        events.inc({ event });
        if (detail.attempt) attempts.observe(detail.attempt.duration / 1000);
      }
    },
    refused: (fault) => faults.inc({ code: fault.code, blame: fault.kind.blame }),
    gauge: (name, read) =>
      void new Gauge({
        name: `crocevia_${name}`,
        help: name.replaceAll('_', ' '),
        registers,
        collect() {
          this.set(read());
        },
      }),
    counter: (name) => {
      const counter = new Counter({ name: `crocevia_${name}_total`, help: name.replaceAll('_', ' '), registers });
      return () => counter.inc();
    },
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
