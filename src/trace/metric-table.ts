/** One metric as operators see it; docs/metrics.md prints the table, and a test holds a real scrape against it. */
export interface MetricRow {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Label -> the values it can have, so that nobody has to guess how many series there are. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
  /** What is wrong where it looks wrong, and where to look next. */
  readonly look?: string;
}

/** Services that are told apart; what comes after them is counted as `other`. */
export const MOST_SERVICES = 200;

const SERVICE = `id of a registered service, ${MOST_SERVICES} at most; the rest is \`other\``;
const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const LONG = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];
const BYTES = [1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 20_971_520, 104_857_600];

/** Counted from the journal as this process writes it: each node counts its own, their sum is the whole. */
const OF_EVENTS = {
  crocevia_events_total: {
    kind: 'counter',
    help: 'Journal events that this node has written',
    labels: { event: 'every name of `src/trace/events.ts`' },
  },
  crocevia_accepted_total: {
    kind: 'counter',
    help: 'Messages accepted: durable, and the sender has its answer',
    labels: { service: SERVICE },
    look: 'falls to nothing: senders, the load balancer, `crocevia_ready`',
  },
  crocevia_rejected_total: {
    kind: 'counter',
    help: 'Messages refused and recorded',
    labels: { service: SERVICE },
    look: 'rises: `crocevia_faults_total` tells the rule, `GET /admin/messages?state=REJECTED` the messages',
  },
  crocevia_deliveries_ended_total: {
    kind: 'counter',
    help: 'Deliveries that have ended',
    labels: { service: SERVICE, outcome: 'delivered, failed, expired, cancelled' },
    look: 'failed or expired rises: `GET /admin/dead-letters` groups them by cause',
  },
  crocevia_queries_total: {
    kind: 'counter',
    help: 'Questions that have ended',
    labels: { service: SERVICE, outcome: 'answered, failed' },
  },
  crocevia_payload_bytes_total: {
    kind: 'counter',
    help: 'Bytes of accepted messages',
    labels: { service: SERVICE },
  },
  crocevia_message_bytes: { kind: 'histogram', help: 'Size of accepted messages', buckets: BYTES },
  crocevia_acceptance_seconds: {
    kind: 'histogram',
    help: 'From the head of the request until the message is handed to the ledger',
    buckets: SECONDS,
  },
  crocevia_delivery_seconds: {
    kind: 'histogram',
    help: 'From acceptance until the receiver has it',
    labels: { service: SERVICE },
    buckets: LONG,
    look: 'rises: `crocevia_deliveries_oldest_seconds`, open circuits, paused systems',
  },
  crocevia_query_seconds: {
    kind: 'histogram',
    help: 'From the head of the question until its answer was there',
    labels: { service: SERVICE },
    buckets: SECONDS,
  },
  crocevia_attempt_seconds: { kind: 'histogram', help: 'Duration of delivery attempts', buckets: SECONDS },
} as const satisfies Record<string, MetricRow>;

const OF_CALLS = {
  crocevia_http_seconds: {
    kind: 'histogram',
    help: 'Requests of systems, from their head to the end of the answer; long polls are among them',
    labels: { class: '2xx, 3xx, 4xx, 5xx' },
    buckets: SECONDS,
  },
  crocevia_faults_total: {
    kind: 'counter',
    help: 'Refusals of messages and questions',
    labels: { code: 'every code of docs/faults.md', blame: 'sender, receiver, gateway' },
    look: 'blame gateway is for the operators: somebody must act',
  },
  crocevia_rate_limited_total: {
    kind: 'counter',
    help: 'Requests over a limit, by what the limit is of',
    labels: { limit: 'kinds of docs/protocols/limits.md, and `address`' },
  },
  crocevia_query_hedges_total: { kind: 'counter', help: 'Questions asked a second time because the first was silent' },
  crocevia_query_cache_hits_total: { kind: 'counter', help: 'Questions answered from what was kept' },
  crocevia_query_cache_misses_total: { kind: 'counter', help: 'Questions that could have been kept and were asked' },
  crocevia_query_unrecorded_total: { kind: 'counter', help: 'Questions of which the agreement wants nothing kept' },
} as const satisfies Record<string, MetricRow>;

/** Read when scraped. */
const OF_NODE = {
  crocevia_build_info: { kind: 'gauge', help: 'Always 1', labels: { version: 'of the package', roles: 'of the node' } },
  crocevia_ready: {
    kind: 'gauge',
    help: '1 where the node takes messages, as /health/ready says; maintenance is told apart',
    look: '0: the database, or the registry could not be checked',
  },
  crocevia_maintenance: {
    kind: 'gauge',
    help: '1 while the gateway is in maintenance: nothing new is taken, all else goes on',
    look: '1: who began it and why is told by the console and `GET /admin/maintenance`',
  },
  crocevia_draining: { kind: 'gauge', help: '1 while the node stops and finishes what runs' },
  crocevia_broker_connected: {
    kind: 'gauge',
    help: '1 while the node is connected to RabbitMQ; always 1 in process',
    look: '0: messages are still taken, and wait in the ledger',
  },
  crocevia_broker_blocked: {
    kind: 'gauge',
    help: '1 while RabbitMQ refuses publishes',
    look: '1: memory or disk alarm of RabbitMQ',
  },
  crocevia_registry_problems: {
    kind: 'gauge',
    help: 'Errors of the last load of the registry; the snapshot before it stays in force',
  },
  crocevia_query_circuits_open: { kind: 'gauge', help: 'Answering systems that this node spares' },
  crocevia_relay_unclaimed: {
    kind: 'gauge',
    help: 'Deliveries that this node has published and no dispatcher has claimed',
  },
  crocevia_relay_waiting_systems: {
    kind: 'gauge',
    help: 'Receiving systems whose window is full: the rest of theirs waits in the ledger',
    look: 'stays up: dispatchers are missing, or these systems are slow',
  },
  crocevia_pool_connections: {
    kind: 'gauge',
    help: 'Connections to the database',
    labels: { pool: 'path, reader', state: 'total, idle, waiting (callers without one)' },
    look: 'waiting above 0 for long: the database is slow',
  },
  crocevia_certificate_days: {
    kind: 'gauge',
    help: 'Days until a certificate is over; negative: it is',
    labels: { certificate: 'server; authority (the first of the truststore that ends)' },
  },
  crocevia_disk_free_bytes: {
    kind: 'gauge',
    help: 'Free space of the disks on which this node itself keeps data',
    labels: { place: 'data (embedded database), payloads (directory of large contents)' },
  },
} as const satisfies Record<string, MetricRow>;

/** Of the whole cluster, from the ledger: every node tells the same, take the maximum. Read at most every 15 s. */
const OF_LEDGER = {
  crocevia_deliveries_open: {
    kind: 'gauge',
    help: 'Deliveries that have not ended; counted up to 100,000, those that expire first',
    labels: { state: 'QUEUED, DELIVERING, AVAILABLE, WAITING_RETRY, SUSPENDED' },
  },
  crocevia_deliveries_oldest_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest open delivery, from acceptance; 0: none',
    labels: { state: 'QUEUED, DELIVERING, AVAILABLE, WAITING_RETRY, SUSPENDED' },
    look: 'QUEUED grows: relay and dispatchers. SUSPENDED: paused systems, circuits. AVAILABLE: a box nobody empties',
  },
  crocevia_deliveries_dead: {
    kind: 'gauge',
    help: 'Deliveries FAILED, EXPIRED or CANCELLED that are still kept; counted up to 100,000',
  },
  crocevia_delivery_circuits_open: { kind: 'gauge', help: 'Receiving systems that are spared, as all nodes see them' },
  crocevia_database_bytes: { kind: 'gauge', help: 'Size of the database' },
} as const satisfies Record<string, MetricRow>;

/** Of the Node process, by prom-client. */
const OF_PROCESS = {
  process_cpu_user_seconds_total: { kind: 'counter', help: 'CPU time of the user' },
  process_cpu_system_seconds_total: { kind: 'counter', help: 'CPU time of the system' },
  process_cpu_seconds_total: { kind: 'counter', help: 'CPU time' },
  process_start_time_seconds: { kind: 'gauge', help: 'When it was started, Unix time' },
  process_resident_memory_bytes: { kind: 'gauge', help: 'Memory' },
  process_virtual_memory_bytes: { kind: 'gauge', help: 'Virtual memory' },
  process_heap_bytes: { kind: 'gauge', help: 'Heap' },
  process_open_fds: {
    kind: 'gauge',
    help: 'Open files and sockets',
    look: 'near the next one: a leak, or too low a limit',
  },
  process_max_fds: { kind: 'gauge', help: 'Limit of open files and sockets' },
  nodejs_eventloop_lag_seconds: { kind: 'gauge', help: 'Lag of the event loop when scraped' },
  nodejs_eventloop_lag_min_seconds: { kind: 'gauge', help: 'Lag of the event loop, least since the last scrape' },
  nodejs_eventloop_lag_max_seconds: { kind: 'gauge', help: 'Lag of the event loop, most since the last scrape' },
  nodejs_eventloop_lag_mean_seconds: { kind: 'gauge', help: 'Lag of the event loop, mean since the last scrape' },
  nodejs_eventloop_lag_stddev_seconds: { kind: 'gauge', help: 'Lag of the event loop, deviation' },
  nodejs_eventloop_lag_p50_seconds: { kind: 'gauge', help: 'Lag of the event loop, median since the last scrape' },
  nodejs_eventloop_lag_p90_seconds: { kind: 'gauge', help: 'Lag of the event loop, 90th percentile' },
  nodejs_eventloop_lag_p99_seconds: {
    kind: 'gauge',
    help: 'Lag of the event loop, 99th percentile since the last scrape',
    look: 'above 0.1 for long: the node has too much to do; start another',
  },
  nodejs_active_resources: { kind: 'gauge', help: 'What keeps the event loop alive', labels: { type: 'of Node' } },
  nodejs_active_resources_total: { kind: 'gauge', help: 'The same, all types' },
  nodejs_active_handles: { kind: 'gauge', help: 'Handles', labels: { type: 'of Node' } },
  nodejs_active_handles_total: { kind: 'gauge', help: 'Handles, all types' },
  nodejs_active_requests: { kind: 'gauge', help: 'Requests of libuv', labels: { type: 'of Node' } },
  nodejs_active_requests_total: { kind: 'gauge', help: 'Requests of libuv, all types' },
  nodejs_heap_size_total_bytes: { kind: 'gauge', help: 'Heap of V8' },
  nodejs_heap_size_used_bytes: { kind: 'gauge', help: 'Heap of V8 in use' },
  nodejs_external_memory_bytes: { kind: 'gauge', help: 'Memory of buffers' },
  nodejs_heap_space_size_total_bytes: { kind: 'gauge', help: 'Spaces of the heap', labels: { space: 'of V8' } },
  nodejs_heap_space_size_used_bytes: { kind: 'gauge', help: 'Spaces of the heap in use', labels: { space: 'of V8' } },
  nodejs_heap_space_size_available_bytes: {
    kind: 'gauge',
    help: 'Spaces of the heap, free',
    labels: { space: 'of V8' },
  },
  nodejs_version_info: {
    kind: 'gauge',
    help: 'Always 1',
    labels: { version: 'of Node', major: 'of it', minor: 'of it', patch: 'of it' },
  },
  nodejs_gc_duration_seconds: {
    kind: 'histogram',
    help: 'Garbage collections',
    labels: { kind: 'major, minor, incremental, weakcb' },
  },
} as const satisfies Record<string, MetricRow>;

/** All of them, by where they come from. */
export const METRIC_GROUPS = {
  'Counted from the journal': OF_EVENTS,
  'Counted where it happens': OF_CALLS,
  'State of the node': OF_NODE,
  'State of the ledger': OF_LEDGER,
  'The process': OF_PROCESS,
} as const;

export const METRICS = { ...OF_EVENTS, ...OF_CALLS, ...OF_NODE, ...OF_LEDGER };

export type MetricName = keyof typeof METRICS;
export type NameOf<K extends MetricRow['kind']> = {
  [N in MetricName]: (typeof METRICS)[N]['kind'] extends K ? N : never;
}[MetricName];

/** The counters and histograms of the table. */
export interface Instruments {
  inc(name: NameOf<'counter'>, labels?: Readonly<Record<string, string>>, by?: number): void;
  observe(name: NameOf<'histogram'>, value: number, labels?: Readonly<Record<string, string>>): void;
}
