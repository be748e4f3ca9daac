import type { Relay } from './acceptance/relay.js';
import type { SubmissionHandler } from './acceptance/submissions.js';
import type { Broker, Loss } from './broker/broker.js';
import type { Role } from './config-variables.js';
import type { Consumer } from './delivery/ports.js';
import type { QueryServer } from './query/ports.js';
import { amqpUsers, fetchesQuestions } from './query/endpoint.js';
import type { Pulls } from './query/pull.js';
import type { System } from './registry/model.js';
import { pausedSystems } from './registry/paused.js';
import type { Registry, RegistrySource } from './registry/registry.js';
import type { Store } from './store/open-store.js';

interface RoleParts {
  readonly relay: Relay;
  /** What goes round on a node with the role `relay`. */
  readonly rounds: readonly { start(): void }[];
  readonly consumer: Consumer;
  readonly questions: QueryServer;
  readonly pulls: Pick<Pulls, 'isConnected' | 'onChange'>;
  readonly broker: Broker;
  readonly submissions: SubmissionHandler;
  readonly store: Pick<Store, 'outbox' | 'sweeper'>;
  readonly source: RegistrySource;
  readonly stopSignal: AbortSignal;
  readonly problem: (error: unknown) => void;
}

export interface StartedRoles {
  /** Resolves when the node reads all its queues: with many of them, or under load, that takes a while. */
  readonly served: Promise<void>;
}

/** Starts what this node is for, and follows the registry: a new system is served without a restart. Resolves when it may take messages. */
export async function startRoles(roles: readonly Role[], parts: RoleParts): Promise<StartedRoles> {
  const { relay, rounds, broker, store, source, submissions, problem } = parts;
  broker.onQueueLost((loss) => takeBack(loss, store.outbox).then(relay.nudge));
  if (broker.kind === 'in-process') await store.outbox.unpublish(null);
  if (roles.includes('ingress')) broker.submissions?.start(submissions);
  const serve = servingOf(roles, parts);
  source.onChange((registry) => {
    serve(registry)
      .then(() => store.sweeper.lookAgain(pausedSystems(registry)))
      .catch(problem);
  });
  // What waits for other requests to end has begun to stop all the same: others take what comes now.
  parts.stopSignal.addEventListener('abort', () => void parts.consumer.consume([]).catch(problem));
  parts.pulls.onChange(() => serveQuestions(roles, parts, source.current()).catch(problem));
  const served = serve(source.current());
  // Who waits for it is told.
  served.catch(() => undefined);
  relay.start(roles.includes('relay'));
  if (roles.includes('relay')) for (const round of rounds) round.start();
  return { served };
}

const takeBack = ({ system, held }: Loss, outbox: Store['outbox']): Promise<number> =>
  held === 'available' && system !== null ? outbox.takeBackAvailable(system) : outbox.unpublish(system);

const DEFAULT_CONCURRENCY = 4;

/** A system that was served once stays so: what waits for it when its destination goes is held, for all to see. */
function servingOf(roles: readonly Role[], parts: RoleParts): (registry: Registry) => Promise<void> {
  const { consumer, broker, stopSignal } = parts;
  const served = new Map<string, number>();
  return async (registry) => {
    for (const system of registry.systems())
      if (isSentTo(system)) served.set(system.id, system.receives?.concurrency ?? DEFAULT_CONCURRENCY);
    const systems = [...served].map(([system, concurrency]) => ({ system, concurrency }));
    if (stopSignal.aborted) return;
    const consumed = roles.includes('dispatcher') ? consumer.consume(systems) : Promise.resolve();
    await Promise.all([consumed, serveQuestions(roles, parts, registry)]);
    if (roles.includes('ingress') && !stopSignal.aborted) await broker.submissions?.consume(publishersOf(registry));
  };
}

/** Messages, receipts, answers, or questions that are answered later. */
const isSentTo = ({ receives, receiptsTo, callbacks, provides }: System) =>
  receives !== null ||
  receiptsTo !== null ||
  callbacks.length > 0 ||
  provides.some(({ endpoint }) => endpoint !== null);

/** A dispatcher asks the systems that can be called or read a queue; who fetches its questions is served where it is connected. */
async function serveQuestions(
  roles: readonly Role[],
  { questions, pulls, stopSignal }: RoleParts,
  registry: Registry,
): Promise<void> {
  if (stopSignal.aborted) return;
  const isServed = (system: System) =>
    fetchesQuestions(system)
      ? roles.includes('ingress') && pulls.isConnected(system.id)
      : roles.includes('dispatcher') && isAsked(system);
  const systems = registry.systems().filter(isServed);
  await questions.serve(systems.map(({ id, answers }) => ({ system: id, ...answers })));
}

const isAsked = ({ provides }: System) => provides.some(({ endpoint }) => endpoint !== null);

function publishersOf(registry: Registry) {
  return registry.systems().flatMap((system) => {
    const usernames = amqpUsers(system);
    return usernames.length === 0 ? [] : [{ system: system.id, usernames }];
  });
}
