import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type ConsumeMessage } from 'amqplib';
import { parseAllDocuments, stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { amqpSystem, grant, loginUrl, type AmqpSystem, type Grant } from '../support/amqp-system.js';
import { http } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { writeRegistry } from '../support/registry.js';
import { ownServers, type Ground } from '../support/shapes.js';
import type { Rabbit } from '../support/rabbitmq.js';
import { until } from '../support/until.js';

const SULMONA = 'sulmona.anagrafe';
const REGIONE = 'regione.anagrafe';
const NOTICE = {
  contentType: 'application/json',
  headers: { 'x-address': '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche' },
};
const BODY = JSON.stringify(noticeJson('r_abruzz'));
/** Submissions without an answer at once, and how many are answered between two steps. */
const OUTSTANDING = 20;
const STEP = 40;
const LIMIT_MS = 60_000;

const headerOf = ({ properties }: ConsumeMessage, name: string) => String(properties.headers?.[name]);

/** A system under the login that it has now, with all that came to it under every login. */
class Rotated {
  readonly all: AmqpSystem[] = [];
  constructor(private readonly rabbitUrl: string) {}

  current!: AmqpSystem;
  grant!: Grant;

  /** Logs in anew; who is logged in already stays so. */
  async logIn(given: Grant): Promise<void> {
    const system = await amqpSystem(this.rabbitUrl, given);
    this.all.push(system);
    [this.current, this.grant] = [system, given];
  }

  readonly replies = () => this.all.flatMap(({ replies }) => replies.messages);
  readonly received = () => this.all.flatMap(({ out }) => out.messages);
}

describe('credentials of RabbitMQ that are replaced while messages flow, two nodes', () => {
  let ground: Ground & { readonly rabbit: Rabbit };
  let directory: string;
  let nodes: RunningGateway[];
  let sulmona: Rotated;
  let regione: Rotated;
  const sent: string[] = [];
  let over = false;
  let traffic: Promise<void>;

  const env = (password: string) => ({
    ...ground.env,
    AMQP_URL: `amqp://porta:${password}@${new URL(ground.rabbit.url).host}`,
    CROCEVIA_REGISTRY_DIR: directory,
  });

  beforeAll(async () => {
    ground = await ownServers();
    const { ctl, url } = ground.rabbit;
    await ctl('add_user', 'porta', 'vecchia');
    await ctl('set_permissions', '-p', '/', 'porta', '.*', '.*', '.*');
    directory = await writeRegistry({
      pratola: { channel: 'box' },
      regione: { channel: 'amqp-queue', shape: 'json' },
      amqp: { sulmona: 'sulmona-uno', regione: 'regione-uno' },
    });
    nodes = [await startGateway(env('vecchia')), await startGateway(env('vecchia'))];
    [sulmona, regione] = [new Rotated(url), new Rotated(url)];
    await sulmona.logIn(await grant(nodes[0]!.url, SULMONA));
    await regione.logIn(await grant(nodes[0]!.url, REGIONE));
    traffic = send();
  }, 180_000);

  afterAll(async () => {
    over = true;
    await traffic.catch(() => undefined);
    await Promise.all([...sulmona.all, ...regione.all].map((one) => one.stop().catch(() => undefined)));
    expect(await Promise.all(nodes.map((node) => node.stop()))).toEqual([0, 0]);
    await Promise.all([ground.stop(), rm(directory, { recursive: true, force: true })]);
  }, 90_000);

  async function send(): Promise<void> {
    while (!over) {
      const { current, grant: by } = sulmona;
      const messageId = randomUUID();
      sent.push(messageId);
      await current.submit(BODY, { ...NOTICE, messageId, userId: by.username });
      await until(() => over || sent.length - sulmona.replies().length < OUTSTANDING, LIMIT_MS);
    }
  }
  const flows = async () => {
    const before = sulmona.replies().length;
    await until(() => sulmona.replies().length >= before + STEP, LIMIT_MS);
  };
  const isLetIn = (given: Grant) =>
    connect(loginUrl(ground.rabbit.url, given)).then(
      (connection) => connection.close().then(() => true),
      () => false,
    );
  const credentials = async (usernames: readonly string[]) => {
    const file = join(directory, 'participants.yaml');
    const documents = parseAllDocuments(await readFile(file, 'utf8')).map((one) => one.toJS() as RegistryDocument);
    const changed = documents.map((one) =>
      one.kind === 'system' && one.id === SULMONA
        ? {
            ...one,
            credentials: [
              ...(one.credentials ?? []).filter(({ kind }) => kind !== 'amqp'),
              ...usernames.map((username) => ({ kind: 'amqp', username })),
            ],
          }
        : one,
    );
    await writeFile(file, changed.map((one) => stringify(one)).join('---\n'));
    for (const { url } of nodes) {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      expect((await http(`${url}/admin/registry/reload`, { method: 'POST', headers })).status).toBe(200);
    }
  };

  it('1: 5: the gateway’s own: nodes take the new password one after the other', async () => {
    await flows();
    await ground.rabbit.ctl('change_password', 'porta', 'nuova');
    await flows();
    expect(await nodes[0]!.stop()).toBe(0);
    nodes[0] = await startGateway(env('nuova'));
    // Who has the old one is not let in again; the other node goes on.
    await ground.rabbit.ctl('close_all_user_connections', 'porta', 'rotation');
    await until(
      () => /"event":"broker\.disconnected"/.test(nodes[1]!.logs()) && nodes[1]!.logs().includes('ACCESS_REFUSED'),
      LIMIT_MS,
    );
    await flows();
    expect(await nodes[1]!.stop()).toBe(0);
    nodes[1] = await startGateway(env('nuova'));
    await flows();
  }, 180_000);

  it('1: 5: a system’s password: what is logged in stays, and the old one lets nobody in', async () => {
    for (const [system, id] of [
      [sulmona, SULMONA],
      [regione, REGIONE],
    ] as const) {
      const before = { grant: system.grant, current: system.current };
      const next = await grant(nodes[1]!.url, id);
      expect([next.username, next.password === before.grant.password]).toEqual([before.grant.username, false]);
      await flows();
      await system.logIn(next);
      await flows();
      await before.current.stop();
      await flows();
      expect([await isLetIn(before.grant), await isLetIn(next)]).toEqual([false, true]);
    }
  }, 180_000);

  it('1: 5: a system’s user: two are good at a time, and what is taken away is refused', async () => {
    const before = { grant: sulmona.grant, current: sulmona.current };
    await credentials(['sulmona-uno', 'sulmona-due']);
    const next = await grant(nodes[0]!.url, SULMONA, 'sulmona-due');
    expect(next.username).toBe('sulmona-due');
    await sulmona.logIn(next);
    await flows();
    // The old one publishes beside the new one.
    const byOld = randomUUID();
    sent.push(byOld);
    await before.current.submit(BODY, { ...NOTICE, messageId: byOld, userId: before.grant.username });
    await flows();
    await credentials(['sulmona-due']);
    const refusedId = randomUUID();
    await before.current.submit(BODY, { ...NOTICE, messageId: refusedId, userId: before.grant.username });
    const refusal = () => sulmona.replies().find(({ properties }) => properties.messageId === `reply:${refusedId}`);
    await until(() => refusal() !== undefined, LIMIT_MS);
    expect([headerOf(refusal()!, 'x-status'), JSON.parse(refusal()!.content.toString())]).toMatchObject([
      '403',
      { code: 'sender-mismatch', expected: 'sulmona-due' },
    ]);
    await before.current.stop();
    await flows();
  }, 180_000);

  it('1: 5: nothing was lost, and nothing refused', async () => {
    over = true;
    await traffic;
    const answered = () =>
      new Map(
        sulmona.replies().map((reply) => [String(reply.properties.messageId).slice(6), headerOf(reply, 'x-status')]),
      );
    const arrived = () => new Set(regione.received().map((message) => headerOf(message, 'x-message-id')));
    const missing = (there: { has(id: string): boolean }) => sent.filter((id) => !there.has(id));
    await until(() => missing(answered()).length + missing(arrived()).length === 0, LIMIT_MS).catch(() => undefined);
    const at = (ids: readonly string[]) => ids.map((id) => `${sent.indexOf(id)} of ${sent.length}`);
    expect({ unanswered: at(missing(answered())), undelivered: at(missing(arrived())) }).toEqual({
      unanswered: [],
      undelivered: [],
    });
    expect(sent.filter((id) => answered().get(id) !== '202')).toEqual([]);
    console.log(`credentials of RabbitMQ replaced under ${sent.length} messages, all answered and delivered`);
    expect(sent.length).toBeGreaterThan(10 * STEP);
  }, 120_000);
});
