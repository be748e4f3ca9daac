import type { ServerResponse } from 'node:http';
import { http, statusWhen, type HttpAnswer, type HttpCall } from './client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from './gateway.js';
import { startReceiver, type Receiver } from './receiver.js';
import { KEYS } from './registry.js';
import type { Ground } from './shapes.js';

/** The systems of the two municipalities that are asked. */
export interface Asked {
  readonly sulmona: Receiver;
  readonly pratola: Receiver;
}

/** A gateway on its ground, between who asks and who is asked. */
export interface QueryStage extends Asked {
  readonly gateway: RunningGateway;
}

/**
 * Sets the stage before the tests of the block that calls it, and takes it down after them; what it holds is there
 * within the tests only. `writeRegistry` gives the registry's directory. The gateway must end with 0.
 */
export function queryStage(
  lay: () => Promise<Ground>,
  writeRegistry: (asked: Asked) => Promise<string>,
  env: Readonly<Record<string, string>> = {},
): QueryStage {
  const stage = {} as { -readonly [Name in keyof QueryStage]: QueryStage[Name] };
  let ground: Ground;

  beforeAll(async () => {
    [ground, stage.sulmona, stage.pratola] = await Promise.all([lay(), startReceiver(), startReceiver()]);
    const directory = await writeRegistry(stage);
    stage.gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory, ...env });
  }, 120_000);

  afterAll(async () => {
    expect(await stage.gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), stage.sulmona.stop(), stage.pratola.stop()]);
  }, 60_000);

  return stage;
}

/** Asks at a node of the stage, as the region unless told otherwise. */
export const asker =
  (stage: Pick<QueryStage, 'gateway'>, key: string = KEYS.regione) =>
  (path: string, call: HttpCall = {}): Promise<HttpAnswer> =>
    http(`${stage.gateway.url}${path}`, { key, ...call });

export const asOperator = { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } };

/** Status and fault code of a refusal in JSON. */
export const codeOf = (answer: HttpAnswer) => [answer.status, answer.json<{ code: string }>().code];

export interface TimelineEntry {
  readonly event: string;
  readonly by: string;
  readonly stations?: readonly { readonly station: string; readonly ms: number }[];
}

/** The journal of a question, once it is written: that is after its answer. */
export async function timelineOf({ url }: RunningGateway, id: string): Promise<readonly TimelineEntry[]> {
  await statusWhen(url, id, () => true);
  const told = await http(`${url}/admin/messages/${id}/timeline`, asOperator);
  return told.json<{ entries: readonly TimelineEntry[] }>().entries;
}

export const eventsOf = async (gateway: RunningGateway, id: string) =>
  (await timelineOf(gateway, id)).map(({ event }) => event);

export const stationsOf = async (gateway: RunningGateway, id: string) =>
  (await timelineOf(gateway, id)).flatMap(({ stations = [] }) => stations.map(({ station }) => station));

/** An answer of a system that is asked. */
export const say =
  (status: number, type: string, body: string | Buffer, more: Record<string, string> = {}) =>
  (_: unknown, reply: ServerResponse) =>
    void reply.writeHead(status, { 'content-type': type, ...more }).end(body);

export const lastOf = ({ received }: Receiver) => received.at(-1)!;
