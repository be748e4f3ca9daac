import type { FastifyPluginAsync } from 'fastify';
import { createAccept, createAcceptRecord } from './acceptance/accept.js';
import { createDryRun } from './acceptance/dry-run.js';
import { createFanOut } from './acceptance/fan-out.js';
import { createReceive } from './acceptance/receive.js';
import { createUploads } from './acceptance/uploads.js';
import type { AdminParts } from './admin/ports.js';
import { openBroker } from './broker/open-broker.js';
import { channelParts } from './channels.js';
import type { Config } from './config.js';
import { statisticsParts } from './counting.js';
import { pausedSystems } from './registry/paused.js';
import { createDeliveryCircuits } from './delivery/circuits.js';
import { createDispatcher } from './delivery/dispatcher.js';
import type { DeliveryRef } from './message/delivery.js';
import { amqpIngress } from './ingress/amqp.js';
import { httpIngress } from './ingress/http.js';
import { createMaintenance } from './maintenance/maintenance.js';
import { createMediator } from './mediation/mediator.js';
import { limitParts } from './limits.js';
import { createDocuments, DEFAULT_LIMITS } from './protocol/documents.js';
import { COMPOSE, createProtocols } from './protocols.js';
import { createSettle } from './receipt/settle.js';
import { createFileRegistry } from './registry/file-registry.js';
import { fresh } from './registry/fresh.js';
import { createStoredRegistry } from './registry/stored-registry.js';
import { exchangeParts } from './exchanges.js';
import { identityParts } from './identity.js';
import { orderParts } from './jobs.js';
import { adminParts } from './operators.js';
import { onlookers } from './onlookers.js';
import { outboxParts } from './outbox.js';
import { queryParts } from './queries.js';
import { startRoles, type StartedRoles } from './roles.js';
import { holdSingleProcess } from './single-process.js';
import { openSeal } from './keys.js';
import { sealedFor } from './policy/sealed-for.js';
import { sealedPayloads } from './secrets/sealed-payloads.js';
import { openPayloads } from './payloads/open-payloads.js';
import { openStore } from './store/open-store.js';
import { sweepParts } from './sweeping.js';
import { openTelemetry } from './telemetry.js';
import type { TlsFiles } from './tls/tls-files.js';
import { gatewayLog, type GatewayLog } from './trace/log.js';
import { createMetrics } from './trace/metrics.js';

/** A node: every part of the path, wired; nothing runs before `start`. */
export interface Gateway {
  readonly http: FastifyPluginAsync;
  readonly admin: AdminParts;
  readonly log: GatewayLog;
  readonly tls: TlsFiles | null;
  /** Told of a new registry revision that this node has found by itself. */
  onRegistryChange(listener: (revision: string) => void): void;
  /** Told when another process has taken the ledger over: this one must end. */
  onTakenOver(listener: () => void): void;
  /** Throws SecondProcess where another process works on a ledger that only one may work on. */
  start(): Promise<StartedRoles>;
  /** Refuses new messages and ends long polls; what runs may finish. */
  drain(): void;
  stop(): Promise<void>;
}

/** THE MAP: the parts in the order in which a message travels. */
export async function buildGateway(config: Config): Promise<Gateway> {
  const log = gatewayLog(config.logLevel, config.owner);
  const stopping = new AbortController();
  const { tracing, stop: stopTelemetry } = await openTelemetry(config);

  // who may say what to whom
  const { registryDir, env } = config;
  const directory = registryDir === null ? null : createFileRegistry({ directory: registryDir, env });
  const store = await openStore({ ...config, seal: openSeal(config, log) });
  const source = createStoredRegistry({ store: store.registry, env, directory, problem: log.problem('registry') });
  await source.start();
  const registry = () => source.current();
  const metrics = createMetrics((id) =>
    registry()
      .services()
      .some((one) => one.id === id),
  );
  source.onChange(({ revision }) => log.logger.info({ revision }, 'registry.loaded'));
  source.onProblem((error) => log.logger.error({ problems: error.problems }, 'registry.refused'));

  // what is durable, and what moves work
  const broker = await openBroker(config);
  broker.onEvent(({ name, detail }) => log.logger.info(detail, `broker.${name}`));
  store.feed.subscribe(log.journal);
  store.feed.subscribe(metrics.journal);

  const { sealedBy } = store.payloads;
  const payloads = sealedPayloads({
    store: openPayloads(config.payloads, store.chunks),
    keys: store.dataKeys,
    sealedBy,
  });
  const uploads = createUploads({ store: payloads, ledger: store.payloads, problem: log.problem('uploads') });

  const maintenance = createMaintenance({
    store: store.maintenance,
    changed: log.maintenance,
    problem: log.problem('maintenance'),
  });

  // bytes <-> canonical message
  const documents = createDocuments(DEFAULT_LIMITS);
  const protocols = createProtocols(documents);

  // in: identify -> decode -> resolve -> authorise -> validate -> accept -> relay
  const { leases, ...limits } = limitParts({ config, registry, store, metrics, log });
  const identity = await identityParts({ config, registry, store, ...limits, log });
  const settle = createSettle(registry);
  const { relay, window } = outboxParts({ registry, store, broker, settle, problem: log.problem('relay') });
  const sealFor = (participants: readonly string[]) => sealedFor(registry(), participants);
  const acceptRecord = createAcceptRecord({ store: store.messages, sealFor, relay });
  const accept = createAccept(acceptRecord, source.outage);
  const refused: GatewayLog['refused'] = (fault, arrival, id) => {
    metrics.refused(fault);
    log.refused(fault, arrival, id);
  };
  const newest = fresh(source);
  const ready = async () => {
    await store.ping();
    const away = source.outage();
    if (away) throw away;
    newest();
  };
  const mediator = createMediator();
  const written = { protocols, compose: COMPOSE, mediator, registry, publicUrl: config.publicUrl };

  const codecs = { soap: protocols.soap, rest: protocols.rest };
  const parts = { config, written, codecs, store, broker, source, metrics, log, tracing, stopSignal: stopping.signal };
  // asked: identify -> ... -> validate -> ask -> broker -> call -> answer
  const { ask, pulls, questions, agent } = queryParts(parts);
  // answered later: accept -> ... -> keep -> callback, or followed by who has asked
  const exchange = exchangeParts(parts, acceptRecord, protocols);
  const { exchanges, takeAnswer, taken, follow, polling } = exchange;

  const received = {
    protocols,
    registry: newest,
    ...limits,
    ask,
    taken,
    ready,
    tracing,
    store: store.messages,
    sealFor,
    publicUrl: config.publicUrl,
    refused,
    requireOpen: maintenance.requireOpen,
  };
  const receive = createReceive({ ...received, accept, polling });
  // what operators send, in maintenance too
  const receiveOwn = createReceive({ ...received, accept, polling, requireOpen: () => undefined });
  const fanOut = createFanOut({ ...received, stopSignal: stopping.signal });

  // out: dispatcher -> channel -> receipt
  const { channels, push, outgoing } = channelParts({ ...parts, ...exchange, protocols, payloads });
  const leaseLost = ({ messageId, deliveryId }: DeliveryRef) =>
    log.logger.warn({ messageId, deliveryId }, 'delivery.lease-lost');
  const circuits = createDeliveryCircuits(store.circuits, registry(), (news) => {
    log.logger.warn(news, 'delivery.circuit');
    if (news.state === 'closed') relay.nudge();
  });
  source.onChange((changed) => void circuits.follow(changed).catch(log.problem('circuit')));
  const dispatcher = createDispatcher({
    circuits,
    ledger: store.ledger,
    registry,
    channels,
    settle,
    owner: config.owner,
    tracing,
    lookAgain: (newest) => store.sweeper.lookAgain(pausedSystems(newest)),
    leaseLost,
  });
  const consumer = broker.consumer(dispatcher);
  const { sweep, book } = sweepParts({
    ...parts,
    registry,
    settle,
    requeued: relay.nudge,
    sweepUploads: uploads.sweep,
  });

  const { rounds: counting, ...statistics } = statisticsParts({ ...parts, tls: identity.tls, book });
  const { runner, ...ordering } = orderParts({ ...parts, book, settle, requeued: relay.nudge });

  // doors
  const submissions = amqpIngress({
    ...limits,
    identify: identity.identify,
    receive,
    ledger: store.ledger,
    box: store.box,
    settle,
    maxBytes: config.maxRequestBytes,
  });
  const http = httpIngress({
    registry,
    ...limits,
    ...identity,
    receive,
    uploads,
    requireOpen: maintenance.requireOpen,
    contentOf: store.ledger.content,
    limits: { maxBytes: config.maxRequestBytes, timeoutMs: config.requestTimeoutMs },
    stopping: () => stopping.signal.aborted,
    stopSignal: stopping.signal,
    publicUrl: config.publicUrl,
    ...codecs,
    takeAnswer,
    answerRefused: log.answerRefused,
    follow,
    exchanges,
    box: store.box,
    settle,
    pulls,
    fanOut,
    outgoing: (entry, system) => outgoing(entry, registry().system(system)),
    trace: store.trace,
    ready,
    answered: (access) => {
      metrics.answered(access);
      log.access(access);
    },
  });

  // without RabbitMQ, PostgreSQL serves one process
  const takenOver: (() => void)[] = [];
  const lease = holdSingleProcess({
    leases: store.sweeper,
    owner: config.owner,
    lost: () => takenOver.forEach((listener) => listener()),
    problem: log.problem('single-process'),
  });
  const isSingle = config.databaseUrl !== null && broker.kind === 'in-process';

  // who looks on
  const seen = { ...parts, maintenance, registry, window, ready, tls: identity.tls, book };
  const { alerts, schedules, ...looked } = onlookers(seen);
  const admin = adminParts(config, {
    ...parts,
    maintenance,
    ...looked,
    statistics,
    alerts,
    identity,
    schedules,
    dryRun: createDryRun(protocols),
    receive: (identified, body) => receiveOwn(identified, body, stopping.signal),
    payloads,
    outgoing,
    ...ordering,
    ready,
  });
  const rounds = [sweep, runner, counting, alerts, schedules];
  const problem = log.problem('roles');
  const runs = { relay, consumer, questions, pulls, rounds, broker, submissions, store, source, problem };
  return {
    http,
    admin,
    log,
    tls: identity.tls,
    onRegistryChange: (listener) => source.onChange(({ revision }) => listener(revision)),
    onTakenOver: (listener) => void takenOver.push(listener),
    start: async () => {
      await identity.start();
      await maintenance.start();
      if (isSingle) await lease.start();
      return startRoles(config.roles, { ...runs, stopSignal: stopping.signal });
    },
    drain: () => stopping.abort(),
    stop: async () => {
      await Promise.all(rounds.map((round) => round.stop()));
      await relay.stop();
      await broker.drain();
      await broker.close();
      await push.close();
      await identity.stop();
      await agent.close();
      for (const part of [source, documents, leases, maintenance]) await part.stop();
      if (isSingle) await lease.stop();
      await store.close();
      await stopTelemetry().catch(log.problem('telemetry'));
    },
  };
}
