import type { Broker } from './broker/broker.js';
import type { Config } from './config.js';
import { outboundAgent, outboundRule } from './outbound/agent.js';
import type { AnswerCodec, Protocol } from './protocol/protocol.js';
import { createReadAnswer } from './query/answer.js';
import { AnswerCache } from './query/answer-cache.js';
import { createAnswerTo, createAsk } from './query/ask.js';
import { cached } from './query/cached.js';
import { createCall, QUERY_CONNECTIONS } from './query/call.js';
import { createCircuits } from './query/circuits.js';
import { createHedges } from './query/hedges.js';
import { createWriteDown } from './query/evidence.js';
import type { LateAnswer } from './query/ports.js';
import { byEndpoint } from './query/endpoint.js';
import { createHandOver } from './query/hand-over.js';
import { createPulls } from './query/pull.js';
import { createWriteQuestion, type QuestionParts } from './query/question.js';
import { sealedFor } from './policy/sealed-for.js';
import { sealedQueries } from './query/sealed-queries.js';
import { createRoom } from './query/room.js';
import type { RegistrySource } from './registry/registry.js';
import type { StoredRegistry } from './registry/stored-registry.js';
import type { Store } from './store/open-store.js';
import type { GatewayLog } from './trace/log.js';
import type { GatewayMetrics } from './trace/metrics.js';
import type { Tracing } from './trace/tracing.js';

/** What queries and exchanges are wired from. */
export interface Sources {
  readonly config: Pick<Config, 'publicUrl' | 'allowedNetworks'>;
  readonly written: QuestionParts;
  readonly codecs: Readonly<Record<'soap' | 'rest', Protocol & AnswerCodec>>;
  readonly store: Pick<Store, 'dataKeys' | 'queries' | 'exchanges' | 'trace' | 'feed'>;
  readonly broker: Pick<Broker, 'kind' | 'queries' | 'questionQueues'>;
  readonly source: RegistrySource & Pick<StoredRegistry, 'outage'>;
  readonly metrics: Pick<GatewayMetrics, 'counter' | 'gauge'>;
  readonly log: Pick<GatewayLog, 'problem' | 'circuit' | 'answerRefused'>;
  readonly tracing: Tracing;
  readonly stopSignal: AbortSignal;
}

/** Both sides of a query: who asks and reads the answer, who calls the provider or keeps the question for it. */
export function queryParts({
  config,
  written,
  codecs,
  store,
  broker,
  source,
  metrics,
  log,
  tracing,
  stopSignal,
}: Sources) {
  const problem = log.problem('query');
  const registry = () => source.current();
  const sealFor = (participants: readonly string[]) => sealedFor(registry(), participants);
  const sealed = () => sealedQueries({ broker: broker.queries, keys: store.dataKeys, sealFor });
  // What the in-process broker holds never leaves memory.
  const queries = broker.kind === 'in-process' ? broker.queries : sealed();
  const readAnswer = createReadAnswer({ codecs, mediator: written.mediator, publicUrl: config.publicUrl });
  const cache = new AnswerCache();
  source.onChange(() => cache.clear());
  const answerTo = cached(createAnswerTo(queries, readAnswer), {
    cache,
    hit: metrics.counter('crocevia_query_cache_hits_total'),
    miss: metrics.counter('crocevia_query_cache_misses_total'),
  });
  const unrecorded = metrics.counter('crocevia_query_unrecorded_total');
  const writeDown = createWriteDown({ trace: store.queries, sealFor, outage: source.outage, unrecorded, problem });
  const ask = createAsk({ answerTo, writeDown, takeRoom: createRoom() });
  const agent = outboundAgent({ ...QUERY_CONNECTIONS, ...outboundRule(config, log) });
  const writeQuestion = createWriteQuestion(written);
  const circuits = createCircuits(log.circuit);
  metrics.gauge('crocevia_query_circuits_open', circuits.open);
  const hedges = createHedges({ isClosed: circuits.isClosed, sent: metrics.counter('crocevia_query_hedges_total') });
  const call = createCall({ registry, writeQuestion, agent, circuits, hedges, tracing, problem });
  const late = (answer: LateAnswer) => void store.queries.late(answer).catch(problem);
  const pulls = createPulls({ registry, writeQuestion, late, problem, stopSignal });
  const queues = broker.questionQueues;
  const amqp = createHandOver({ registry, writeQuestion, queues, late, refused: log.answerRefused, problem });
  const questions = queries.server(byEndpoint({ call, fetch: pulls.park, amqp }, registry));
  broker.queries.onLate(late);
  return { ask, pulls, questions, agent };
}
