import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { createAccept } from './acceptance/accept.js';
import { createDryRun, type DryRun } from './acceptance/dry-run.js';
import { createReceive } from './acceptance/receive.js';
import { createRelay } from './acceptance/relay.js';
import { createUnclaimed } from './acceptance/unclaimed.js';
import { createWindow, SYSTEM_WINDOW } from './acceptance/window.js';
import { createAdmit } from './admin/admit.js';
import type { AdminParts, Shape } from './admin/ports.js';
import type { Broker } from './broker/broker.js';
import { openInProcess } from './broker/in-process.js';
import { createNewUser } from './broker/rabbit/new-user.js';
import { openRabbit } from './broker/rabbit/rabbit.js';
import type { Config } from './config.js';
import { boxChannel } from './delivery/channels/box.js';
import { amqpQueueChannel } from './delivery/channels/amqp-queue.js';
import { pushChannel } from './delivery/channels/push.js';
import { createDispatcher } from './delivery/dispatcher.js';
import { createOutgoing } from './delivery/outgoing.js';
import { createSweep } from './delivery/sweep.js';
import { amqpIngress } from './ingress/amqp.js';
import { httpIngress } from './ingress/http.js';
import { createPresent } from './ingress/peer.js';
import { createMediator } from './mediation/mediator.js';
import { createCheckSecret } from './policy/check-secret.js';
import { createIdentify } from './policy/identify.js';
import { createThrottle } from './policy/throttle.js';
import { composeCloudEvent } from './protocol/cloudevents/compose.js';
import { createCloudEvents } from './protocol/cloudevents/cloudevents.js';
import { createDocuments, DEFAULT_LIMITS } from './protocol/documents.js';
import { composeRest } from './protocol/rest/compose.js';
import { createRest } from './protocol/rest/rest.js';
import { composeSoap11, composeSoap12 } from './protocol/soap/compose.js';
import { createSoap } from './protocol/soap/soap.js';
import { createSettle } from './receipt/settle.js';
import { createFileRegistry } from './registry/file-registry.js';
import { verifySecret } from './registry/secret.js';
import { fresh } from './registry/fresh.js';
import { createStoredRegistry, type StoredRegistry } from './registry/stored-registry.js';
import { startRoles } from './roles.js';
import { holdSingleProcess } from './single-process.js';
import { openStore, type Store } from './store/open-store.js';
import { gatewayLog, type GatewayLog } from './trace/log.js';
import { createMetrics, type GatewayMetrics } from './trace/metrics.js';

/** A node: every part of the path, wired; nothing runs before `start`. */
export interface Gateway {
  readonly http: FastifyPluginAsync;
  readonly admin: AdminParts;
  readonly log: GatewayLog;
  /** Told of a new registry revision that this node has found by itself. */
  onRegistryChange(listener: (revision: string) => void): void;
  /** Told when another process has taken the ledger over: this one must end. */
  onTakenOver(listener: () => void): void;
  /** Throws SecondProcess where another process works on a ledger that only one may work on. */
  start(): Promise<void>;
  /** Refuses new messages and ends long polls; what runs may finish. */
  drain(): void;
  stop(): Promise<void>;
}

/** THE MAP: the parts in the order in which a message travels. */
export async function buildGateway(config: Config): Promise<Gateway> {
  const log = gatewayLog(config.logLevel, config.owner);
  const metrics = createMetrics();
  const stopping = new AbortController();

  // who may say what to whom
  const { registryDir, env } = config;
  const directory = registryDir === null ? null : createFileRegistry({ directory: registryDir, env });
  const store = await openStore({ databaseUrl: config.databaseUrl, dataDir: config.dataDir, owner: config.owner });
  const source = createStoredRegistry({ store: store.registry, env, directory, problem: log.problem('registry') });
  await source.start();
  const registry = () => source.current();
  source.onChange(({ revision }) => log.logger.info({ revision }, 'registry.loaded'));
  source.onProblem((error) => log.logger.error({ problems: error.problems }, 'registry.refused'));

  // what is durable, and what moves work
  const broker = await openBroker(config);
  broker.onEvent(({ name, detail }) => log.logger.info(detail, `broker.${name}`));
  store.feed.subscribe(log.journal);
  store.feed.subscribe(metrics.journal);

  // bytes <-> canonical message
  const documents = createDocuments(DEFAULT_LIMITS);
  const protocols = {
    soap: createSoap(documents),
    rest: createRest(documents),
    cloudevents: createCloudEvents(documents),
  };

  // in: identify -> decode -> resolve -> authorise -> validate -> accept -> relay
  const identify = createIdentify({ registry, checkSecret: createCheckSecret(verifySecret) });
  const window = createWindow(SYSTEM_WINDOW);
  const late = log.problem('relay');
  const unclaimed = createUnclaimed({ outbox: store.outbox, feed: store.feed, window, problem: late });
  const relay = createRelay({
    outbox: store.outbox,
    unclaimed,
    window,
    publisher: broker.publisher,
    problem: late,
  });
  const accept = createAccept({ store: store.messages, offer: relay.offer });
  const refused: GatewayLog['refused'] = (fault, arrival) => {
    metrics.refused(fault);
    log.refused(fault, arrival);
  };
  const newest = fresh(source);
  const ready = async () => {
    await store.ping();
    newest();
  };
  const receive = createReceive({
    protocols,
    registry: newest,
    throttle: createThrottle(),
    accept,
    store: store.messages,
    publicUrl: config.publicUrl,
    refused,
  });

  // out: dispatcher -> channel -> receipt
  const settle = createSettle(registry);
  const mediator = createMediator();
  const compose = {
    soap11: composeSoap11,
    soap12: composeSoap12,
    xml: composeRest,
    json: composeRest,
    cloudevents: composeCloudEvent,
  };
  const outgoing = createOutgoing({ protocols, compose, mediator, registry, publicUrl: config.publicUrl });
  const problem = log.problem('delivery');
  const push = pushChannel({ outgoing, protocols, problem });
  const amqp = amqpQueueChannel({ outgoing, queue: broker.systemQueue, problem });
  const channels = { 'push-soap': push, 'push-rest': push, 'amqp-queue': amqp, box: boxChannel() };
  const leaseLost = ({ deliveryId }: { deliveryId: string }) => log.logger.warn({ deliveryId }, 'delivery.lease-lost');
  const dispatcher = createDispatcher({
    ledger: store.ledger,
    registry,
    channels,
    settle,
    owner: config.owner,
    lookAgain: () => store.sweeper.lookAgain(),
    leaseLost,
  });
  const consumer = broker.consumer(dispatcher);
  const sweep = createSweep({
    sweeper: store.sweeper,
    settle,
    owner: config.owner,
    requeued: relay.nudge,
    problem: log.problem('sweep'),
  });

  // doors
  const submissions = amqpIngress({
    identify,
    receive,
    ledger: store.ledger,
    box: store.box,
    settle,
    maxBytes: config.maxRequestBytes,
  });
  const http = httpIngress({
    registry,
    identify,
    present: createPresent(config.tls?.caFile != null),
    receive,
    limits: { maxBytes: config.maxRequestBytes, timeoutMs: config.requestTimeoutMs },
    stopping: () => stopping.signal.aborted,
    stopSignal: stopping.signal,
    publicUrl: config.publicUrl,
    rest: protocols.rest,
    box: store.box,
    settle,
    outgoing: (entry, system) => outgoing(entry, registry().system(system)),
    trace: store.trace,
    ready,
    answered: log.access,
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
  const dryRun = createDryRun(protocols);
  const admin = adminParts(config, { dryRun, store, broker, source, metrics, ready, stopSignal: stopping.signal });
  const parts = { relay, consumer, sweep, broker, submissions, store, source, problem: log.problem('roles') };
  return {
    http,
    admin,
    log,
    onRegistryChange: (listener) => source.onChange(({ revision }) => listener(revision)),
    onTakenOver: (listener) => void takenOver.push(listener),
    start: async () => {
      if (isSingle) await lease.start();
      await startRoles(config.roles, parts);
    },
    drain: () => stopping.abort(),
    stop: async () => {
      await sweep.stop();
      await relay.stop();
      await broker.drain();
      await broker.close();
      await push.close();
      await source.stop();
      await documents.stop();
      if (isSingle) await lease.stop();
      await store.close();
    },
  };
}

const openBroker = ({ amqpUrls, owner }: Config): Promise<Broker> | Broker =>
  amqpUrls.length === 0 ? openInProcess() : openRabbit({ urls: amqpUrls, owner });

interface AdminSources {
  readonly dryRun: DryRun;
  readonly store: Store;
  readonly broker: Broker;
  readonly source: StoredRegistry;
  readonly metrics: GatewayMetrics;
  /** Rejects where the node cannot take messages now. */
  readonly ready: () => Promise<void>;
  readonly stopSignal: AbortSignal;
}

function adminParts(config: Config, sources: AdminSources): AdminParts {
  const { dryRun, store, broker, source, metrics, ready, stopSignal } = sources;
  metrics.gauge('broker_connected', () => (broker.state().connected ? 1 : 0));
  return {
    admit: createAdmit({
      token: config.adminToken,
      registry: () => source.current(),
      checkSecret: createCheckSecret(verifySecret),
    }),
    publicUrl: config.publicUrl,
    trace: store.trace,
    feed: store.feed,
    registry: registryControl(source),
    desk: source,
    dryRun,
    current: () => source.current(),
    history: (filter, page) => store.registry.history(filter, page),
    grant: createNewUser({
      registry: () => source.current(),
      managementUrl: config.amqpManagementUrl,
      amqpUrl: config.amqpUrls[0],
    }),
    metrics,
    ready,
    shape: () => shapeOf(config, broker),
    stopSignal,
  };
}

function registryControl(source: StoredRegistry): AdminParts['registry'] {
  return {
    revision: () => source.current().revision,
    participantOf: (system) => source.current().system(system)?.participant,
    counts: () => ({ systems: source.current().systems().length, services: source.current().services().length }),
    problems: () => source.problems(),
    reload: async () => void (await source.reload()),
  };
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function shapeOf({ owner, roles, databaseUrl }: Config, broker: Broker): Shape {
  const { connected, blocked } = broker.state();
  return {
    version,
    node: owner,
    roles,
    store: databaseUrl === null ? 'pglite' : 'postgresql',
    broker: broker.kind,
    brokerConnected: connected,
    brokerBlocked: blocked,
  };
}
