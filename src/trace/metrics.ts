import { Counter, Gauge, Histogram, Registry as Metrics, collectDefaultMetrics } from 'prom-client';
import type { Fault } from '../message/fault.js';
import { countEvents } from './event-metrics.js';
import type { JournalEvent } from './events.js';
import type { Access } from './log.js';
import { METRICS, type Instruments, type MetricName, type MetricRow, type NameOf } from './metric-table.js';

/** One value of a gauge, with its labels. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Read = () => number | readonly Reading[] | Promise<number | readonly Reading[]>;

/** What is counted and measured, as {@link METRICS} lists it; one registry a process, in the Prometheus text format. */
export interface GatewayMetrics {
  journal(events: readonly JournalEvent[]): void;
  refused(fault: Fault): void;
  /** A request over a limit: whose kind it is. */
  limited(limit: string): void;
  answered(access: Access): void;
  /** Read when scraped; what cannot be read then is left out. */
  gauge(name: NameOf<'gauge'>, read: Read): void;
  /** Counts one more at each call. */
  counter(name: NameOf<'counter'>): () => void;
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** `isService` tells the ids of registered services from what strangers call one. */
export function createMetrics(isService: (id: string) => boolean): GatewayMetrics {
  const registry = new Metrics();
  collectDefaultMetrics({ register: registry });
  const instruments = createInstruments(registry);
  return {
    journal: countEvents(instruments, isService),
    limited: (limit) => instruments.inc('crocevia_rate_limited_total', { limit }),
    refused: ({ code, kind }) => instruments.inc('crocevia_faults_total', { code, blame: kind.blame }),
    answered: ({ status, ms }) =>
      instruments.observe('crocevia_http_seconds', ms / 1000, { class: `${Math.floor(status / 100)}xx` }),
    gauge: (name, read) => addGauge(registry, name, read),
    counter: (name) => () => instruments.inc(name),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

const labelsOf = ({ labels = {} }: MetricRow) => Object.keys(labels);

function createInstruments(registry: Metrics): Instruments {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const [name, row] of Object.entries(METRICS) as [MetricName, MetricRow][]) {
    const given = { name, help: row.help, labelNames: labelsOf(row), registers: [registry] };
    if (row.kind === 'counter') counters.set(name, new Counter(given));
    if (row.kind === 'histogram') histograms.set(name, new Histogram({ ...given, buckets: [...(row.buckets ?? [])] }));
  }
  return {
    inc: (name, labels = {}, by = 1) => counters.get(name)?.inc(labels, by),
    observe: (name, value, labels = {}) => histograms.get(name)?.observe(labels, value),
  };
}

function addGauge(registry: Metrics, name: NameOf<'gauge'>, read: Read): void {
  const row: MetricRow = METRICS[name];
  new Gauge({
    name,
    help: row.help,
    labelNames: labelsOf(row),
    registers: [registry],
    async collect() {
      const seen = await Promise.resolve(read()).catch(() => null);
      this.reset();
      if (seen === null) this.remove();
      else if (typeof seen === 'number') this.set(seen);
      else for (const { labels, value } of seen) this.set(labels, value);
    },
  });
}
