import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { createAccept } from './acceptance/accept.js';
import { createReceive } from './acceptance/receive.js';
import { createRelay, type Relay } from './acceptance/relay.js';
import type { SubmissionHandler } from './acceptance/submissions.js';
import type { AdminParts, Shape } from './admin/ports.js';
import type { Broker } from './broker/broker.js';
import { openInProcess } from './broker/in-process.js';
import { grantSystem } from './broker/rabbit/grants.js';
import { openRabbit } from './broker/rabbit/rabbit.js';
import type { Config } from './config.js';
import { boxChannel } from './delivery/channels/box.js';
import { amqpQueueChannel } from './delivery/channels/amqp-queue.js';
import { pushChannel } from './delivery/channels/push.js';
import { createDispatcher } from './delivery/dispatcher.js';
import { createOutgoing } from './delivery/outgoing.js';
import type { Consumer } from './delivery/ports.js';
import { createSweep, type Sweep } from './delivery/sweep.js';
import { amqpIngress } from './ingress/amqp.js';
import { httpIngress } from './ingress/http.js';
import { createPresent } from './ingress/peer.js';
import { Fault } from './message/fault.js';
import { createMediator } from './mediation/mediator.js';
import { createIdentify } from './policy/identify.js';
import { composeCloudEvent } from './protocol/cloudevents/compose.js';
import { createCloudEvents } from './protocol/cloudevents/cloudevents.js';
import { createDocuments, DEFAULT_LIMITS } from './protocol/documents.js';
import { composeRest } from './protocol/rest/compose.js';
import { createRest } from './protocol/rest/rest.js';
import { composeSoap11, composeSoap12 } from './protocol/soap/compose.js';
import { createSoap } from './protocol/soap/soap.js';
import { createSettle } from './receipt/settle.js';
import { createFileRegistry } from './registry/file-registry.js';
import type { Registry, RegistryProblem, RegistrySource } from './registry/registry.js';
import { verifySecret } from './registry/secret.js';
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
  const source = createFileRegistry({ directory: config.registryDir, env: config.env });
  await source.start();
  const registry = () => source.current();
  source.onProblem((error) => log.logger.error({ problems: error.problems }, 'registry.refused'));

  // what is durable, and what moves work
  const store = await openStore({ databaseUrl: config.databaseUrl, dataDir: config.dataDir, owner: config.owner });
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
  const identify = createIdentify({ registry, verify: verifySecret });
  const relay = createRelay({ outbox: store.outbox, publisher: broker.publisher, problem: log.problem('relay') });
  const accept = createAccept({ store: store.messages, offer: relay.offer });
  const refused: GatewayLog['refused'] = (fault, arrival) => {
    metrics.refused(fault);
    log.refused(fault, arrival);
  };
  const receive = createReceive({
    protocols,
    registry,
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
    ready: () => store.ping(),
    answered: log.access,
  });

  // who looks on
  const admin = adminParts(config, { store, broker, source, metrics, stopSignal: stopping.signal });
  const roles = { relay, consumer, sweep, broker, submissions };
  return {
    http,
    admin,
    log,
    onRegistryChange: (listener) => source.onChange(({ revision }) => listener(revision)),
    start: () => startRoles(config, roles, store, source),
    drain: () => stopping.abort(),
    stop: async () => {
      await sweep.stop();
      await relay.stop();
      await broker.drain();
      await broker.close();
      await push.close();
      await source.stop();
      await documents.stop();
      await store.close();
    },
  };
}

const openBroker = ({ amqpUrls, owner }: Config): Promise<Broker> | Broker =>
  amqpUrls.length === 0 ? openInProcess() : openRabbit({ urls: amqpUrls, owner });

interface Roles {
  readonly relay: Relay;
  readonly sweep: Sweep;
  readonly consumer: Consumer;
  readonly broker: Broker;
  readonly submissions: SubmissionHandler;
}

/** Starts what this node is for, and follows the registry: a new system is served without a restart. */
async function startRoles({ roles }: Config, parts: Roles, { outbox }: Store, source: RegistrySource): Promise<void> {
  const { relay, sweep, consumer, broker, submissions } = parts;
  broker.onQueueLost((system) => void outbox.unpublish(system).then(relay.nudge));
  if (broker.kind === 'in-process') await outbox.unpublish(null);
  if (roles.includes('ingress')) broker.submissions?.start(submissions);
  const serve = async (registry: Registry) => {
    if (roles.includes('dispatcher')) await consumer.consume(receiversOf(registry));
    if (roles.includes('ingress')) await broker.submissions?.consume(publishersOf(registry));
  };
  source.onChange((registry) => void serve(registry));
  await serve(source.current());
  if (!roles.includes('relay')) return;
  relay.start();
  sweep.start();
}

const DEFAULT_CONCURRENCY = 4;

function receiversOf(registry: Registry) {
  const receivers = registry.systems().filter(({ receives, receiptsTo }) => receives ?? receiptsTo);
  return receivers.map(({ id, receives }) => ({
    system: id,
    concurrency: receives?.concurrency ?? DEFAULT_CONCURRENCY,
  }));
}

function publishersOf(registry: Registry) {
  return registry.systems().flatMap(({ id, credentials }) => {
    const amqp = credentials.find((credential) => credential.kind === 'amqp');
    return amqp ? [{ system: id, username: amqp.username }] : [];
  });
}

interface AdminSources {
  readonly store: Store;
  readonly broker: Broker;
  readonly source: RegistrySource;
  readonly metrics: GatewayMetrics;
  readonly stopSignal: AbortSignal;
}

function adminParts(config: Config, { store, broker, source, metrics, stopSignal }: AdminSources): AdminParts {
  metrics.gauge('broker_connected', () => (broker.state().connected ? 1 : 0));
  return {
    token: config.adminToken,
    publicUrl: config.publicUrl,
    trace: store.trace,
    feed: store.feed,
    registry: registryControl(source),
    grant: (system) => grantFor(config, source.current(), system),
    metrics,
    ready: () => store.ping(),
    shape: () => shapeOf(config, broker),
    stopSignal,
  };
}

function registryControl(source: RegistrySource): AdminParts['registry'] {
  let problems: readonly RegistryProblem[] = [];
  source.onProblem((error) => (problems = error.problems));
  source.onChange(() => (problems = []));
  return {
    revision: () => source.current().revision,
    counts: () => ({ systems: source.current().systems().length, services: source.current().services().length }),
    problems: () => problems,
    reload: async () => void (await source.reload()),
  };
}

/** Makes the RabbitMQ user of a system under a new random password, which is told once and kept nowhere. */
async function grantFor({ amqpManagementUrl, amqpUrls }: Config, registry: Registry, system: string) {
  const credential = registry.system(system)?.credentials.find(({ kind }) => kind === 'amqp');
  if (credential?.kind !== 'amqp')
    throw new Fault('parameter-wrong', {
      detail: `System "${system}" has no amqp credential in the registry.`,
      place: 'system',
    });
  if (amqpManagementUrl === null)
    throw new Fault('destination-missing', { detail: 'AMQP_MANAGEMENT_URL is not set.', place: 'AMQP_MANAGEMENT_URL' });
  const password = randomBytes(24).toString('base64url');
  const vhost = decodeURIComponent(new URL(amqpUrls[0] ?? 'amqp://localhost').pathname.slice(1)) || '/';
  await grantSystem(amqpManagementUrl, { system, username: credential.username, password, vhost });
  return { system, username: credential.username, password, vhost };
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
