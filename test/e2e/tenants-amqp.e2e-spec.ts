import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect, type ConfirmChannel, type ConsumeMessage } from 'amqplib';
import { amqpSystem, grant, loginUrl, type AmqpSystem, type Grant } from '../support/amqp-system.js';
import { http, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

const SULMONA = 'sulmona.anagrafe';
const REGIONE = 'regione.anagrafe';
const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const NOTICE = { contentType: 'application/json', headers: { 'x-address': REST } };
const NEVER = '019a0000-0000-7000-8000-00000000dead';
const notice = (sender: string) => Buffer.from(JSON.stringify(noticeJson('r_abruzz', sender)));

/** What a body's own queues are called, and the gateway's own. */
const QUEUES_OF_SULMONA = ['out', 'reply', 'ask', 'submit', 'system'].map((kind) => `crocevia.${kind}.${SULMONA}`);
const OWN_QUEUES = [
  'crocevia.dead-letters',
  'crocevia.unroutable',
  `crocevia.submit.${REGIONE}`,
  `crocevia.system.${REGIONE}`,
];
const EXCHANGES = [
  'crocevia.messages',
  'crocevia.submissions',
  'crocevia.answers',
  'crocevia.dead-letter',
  'crocevia.unroutable',
  'crocevia.withdrawn',
];
const FORBIDDEN_QUEUES = [...QUEUES_OF_SULMONA, ...OWN_QUEUES];

type Act = (channel: ConfirmChannel) => unknown;
const ACTS_ON_QUEUES: readonly (readonly [name: string, act: (channel: ConfirmChannel, queue: string) => unknown])[] = [
  ['read', (channel, queue) => channel.get(queue)],
  ['consume', (channel, queue) => channel.consume(queue, () => undefined)],
  ['purge', (channel, queue) => channel.purgeQueue(queue)],
  ['delete', (channel, queue) => channel.deleteQueue(queue)],
  [
    'declare',
    (channel, queue) => channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } }),
  ],
  ['bind', (channel, queue) => channel.bindQueue(queue, 'crocevia.submissions', '#')],
  ['unbind', (channel, queue) => channel.unbindQueue(queue, 'crocevia.submissions', SULMONA)],
  ['write to', (channel, queue) => channel.sendToQueue(queue, Buffer.from('x'), { mandatory: true })],
];

describe('tenants over AMQP, standard', () => {
  let ground: Ground;
  let gateway: RunningGateway;
  let grants: Record<'sulmona' | 'regione', Grant>;
  let sulmona: AmqpSystem;
  let regione: AmqpSystem;

  beforeAll(async () => {
    ground = await standard();
    const directory = await writeRegistry({
      pratola: { channel: 'box' },
      regione: { channel: 'amqp-queue', shape: 'json' },
      amqp: { sulmona: 'sulmona-conti', regione: 'regione-conti' },
    });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    grants = { sulmona: await grant(gateway.url, SULMONA), regione: await grant(gateway.url, REGIONE) };
    const amqpUrl = ground.env['AMQP_URL'] as string;
    sulmona = await amqpSystem(amqpUrl, grants.sulmona);
    regione = await amqpSystem(amqpUrl, grants.regione);
  }, 150_000);

  afterAll(async () => {
    await Promise.all([sulmona.stop(), regione.stop()]);
    expect(await gateway.stop()).toBe(0);
    await ground.stop();
  }, 60_000);

  it.each(ACTS_ON_QUEUES)('4: one body’s user cannot %s any queue but its own', async (_act, act) => {
    for (const queue of FORBIDDEN_QUEUES)
      expect([queue, await regione.refusalOf((channel) => act(channel, queue))]).toEqual([
        queue,
        expect.stringContaining('ACCESS_REFUSED'),
      ]);
  });

  it('4: one body’s user cannot bind, declare or delete an exchange, nor publish past its own routing key', async () => {
    const acts: readonly Act[] = [
      ...EXCHANGES.flatMap((name): Act[] => [
        (channel) => channel.assertExchange(name, 'topic', { durable: true }),
        (channel) => channel.deleteExchange(name),
        (channel) => channel.bindQueue(`crocevia.out.${REGIONE}`, name, '#'),
        (channel) => channel.bindExchange('crocevia.submissions', name, '#'),
      ]),
      ...[
        'crocevia.messages',
        'crocevia.unroutable',
        'crocevia.dead-letter',
        'crocevia.withdrawn',
        'amq.topic',
        'amq.direct',
        'amq.fanout',
      ].map(
        (name): Act =>
          (channel) =>
            channel.publish(name, `message.${SULMONA}`, Buffer.from('x')),
      ),
      ...[SULMONA, '#', '*', `${REGIONE}.${SULMONA}`, ''].map(
        (key): Act =>
          (channel) =>
            channel.publish('crocevia.submissions', key, Buffer.from('x')),
      ),
      ...[`${SULMONA}.${randomUUID()}`, '#', `#.${randomUUID()}`].map(
        (key): Act =>
          (channel) =>
            channel.publish('crocevia.answers', key, Buffer.from('x')),
      ),
      (channel) => channel.assertQueue('', { exclusive: true }),
      (channel) =>
        channel.assertQueue(`crocevia.out.${REGIONE}`, { durable: true, arguments: { 'x-queue-type': 'quorum' } }),
    ];
    for (const act of acts)
      expect([act.toString(), await regione.refusalOf(act)]).toEqual([
        act.toString(),
        expect.stringContaining('ACCESS_REFUSED'),
      ]);
  });

  it('4: one body’s user is let into no other virtual host and not into the management API', async () => {
    const amqpUrl = ground.env['AMQP_URL'] as string;
    await expect(connect(loginUrl(amqpUrl, { ...grants.regione, vhost: '/' }))).rejects.toThrow();
    const { origin } = new URL(ground.env['AMQP_MANAGEMENT_URL'] as string);
    const { username, password, vhost } = grants.regione;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    for (const path of ['overview', 'queues', `queues/${encodeURIComponent(vhost)}`, 'connections', 'users', 'whoami'])
      expect((await http(`${origin}/api/${path}`, { headers: { authorization } })).status).toBe(401);
  });

  it('4: what lies in another’s queue cannot be counted, or check says that this RabbitMQ tells it', async () => {
    const looked = await Promise.all(FORBIDDEN_QUEUES.map(counted));
    const { stdout } = spawnSync(process.execPath, ['dist/cli/crocevia.js', 'check'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...ground.env },
    });
    if (looked.every((one) => one === 'refused')) expect(stdout).not.toContain('how many messages wait');
    else expect(stdout).toMatch(/WARN +RabbitMQ: version [\d.]+ tells every user .* how many messages wait/);
  });

  it('4: what another body copies into a submission queue is dropped: its owner hears nothing, and is served', async () => {
    const messageId = randomUUID();
    const copies = [
      { CC: [SULMONA] },
      { BCC: [SULMONA] },
      { BCC: [SULMONA], userId: grants.regione.username },
      { CC: [SULMONA, `crocevia.out.${SULMONA}`, '#'], BCC: ['#', '*', `crocevia.submit.${SULMONA}`] },
    ];
    for (const copy of copies)
      await regione.submit(notice('c_i804'), { ...NOTICE, messageId, routingKey: REGIONE, ...copy });
    await until(() => (gateway.logs().match(/"event":"broker\.strayed"/g) ?? []).length === copies.length);
    const reply = await sulmona.ask(notice('c_i804'), { ...NOTICE, messageId });
    expect(headerOf(reply, 'x-status')).toBe('202');
    expect(sulmona.replies.messages.map(({ properties }) => properties.messageId as string)).toEqual([
      `reply:${messageId}`,
    ]);
    expect(sulmona.out.messages).toEqual([]);
    expect(gateway.logs()).toContain(`"system":"${SULMONA}","key":"${REGIONE}"`);
  });

  it('4: an answer goes to nobody’s queue but the sender’s, whatever reply_to names', async () => {
    for (const replyTo of [
      `crocevia.reply.${SULMONA}`,
      `crocevia.submit.${SULMONA}`,
      'crocevia.dead-letters',
      'amq.rabbitmq.reply-to.g1h2AA5yZXBseUAxMjM0NTY3OAAAAAAAAAAA.xxxx',
    ]) {
      const messageId = randomUUID();
      const before = sulmona.replies.messages.length;
      await regione.submit('{}', { ...NOTICE, messageId, replyTo, userId: grants.regione.username });
      // Sulmona's own next reply comes after whatever was written to its queue before.
      const own = randomUUID();
      await sulmona.ask(notice('c_i804'), { ...NOTICE, messageId: own });
      expect(sulmona.replies.messages.slice(before).map(({ properties }) => properties.messageId as string)).toEqual([
        `reply:${own}`,
      ]);
    }
    await until(() => regione.replies.messages.length >= 3);
  });

  it('4: a receipt settles the deliveries of its own system only, and tells nothing of another’s', async () => {
    const sent = await sulmona.ask(notice('c_i804'), { ...NOTICE, messageId: randomUUID() });
    const id = headerOf(sent, 'location').split('/').at(-1) ?? '';
    const delivered = await regione.out.next((message) => headerOf(message, 'x-gateway-id') === id);
    const receipt = (correlationId: string) =>
      sulmona.ask('{"outcome":"delivered"}', { messageId: randomUUID(), type: 'receipt', correlationId });
    const [of, never] = [await receipt(String(delivered.properties.messageId)), await receipt(NEVER)];
    const told = (reply: ConsumeMessage, name: string) => [
      reply.properties.headers,
      reply.content.toString().replace(name, '{name}'),
    ];
    expect(told(of, String(delivered.properties.messageId))).toEqual(told(never, NEVER));
    await statusWhen(gateway.url, id, ({ deliveries }) => deliveries[0]?.state === 'AVAILABLE');
  });

  /** AMQP 0-9-1, queue.declare with `passive`: tells how many messages wait. */
  async function counted(queue: string): Promise<'refused' | 'counted'> {
    const connection = await connect(loginUrl(ground.env['AMQP_URL'] as string, grants.regione));
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    const told = await channel.checkQueue(queue).then(
      () => 'counted' as const,
      (error: Error) => (expect(error.message).toContain('ACCESS_REFUSED'), 'refused' as const),
    );
    await connection.close();
    return told;
  }
});

const headerOf = (reply: ConsumeMessage, name: string) => String(reply.properties.headers?.[name]);
