import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import type { Submission } from '../../src/acceptance/submissions.js';
import { grantSystem } from '../../src/broker/rabbit/grants.js';
import { freshSystem, itemFor, Seen } from './broker-items.js';
import { openHeard, type Heard } from './rabbit-heard.js';
import { ownPlace, type Place } from '../support/services.js';

const LIMIT_MS = 90_000;

let place: Place;
let heard: Heard;
const open = () => openHeard(place.amqpUrl);

beforeAll(async () => {
  place = await ownPlace();
}, 120_000);
afterAll(() => place.leave(), 30_000);

describe('7: systems that speak AMQP', () => {
  beforeEach(async () => {
    heard = await open();
  });
  afterEach(() => heard.broker.close());

  /** A connection as the system's own RabbitMQ user. */
  const as = async (username: string): Promise<ChannelModel> => {
    const url = new URL(place.amqpUrl);
    url.username = username;
    url.password = 'segreto';
    const model = await connect(url.toString(), { noDelay: true });
    model.on('error', () => undefined);
    return model;
  };
  const grant = (system: string) =>
    grantSystem(place.managementUrl, {
      ...{ system, username: `utente-${system}`, password: 'segreto' },
      vhost: new URL(place.amqpUrl).pathname.slice(1),
    });
  const receive = async (model: ChannelModel, queue: string) => {
    const seen = new Seen<ConsumeMessage>();
    const channel = await model.createChannel();
    await channel.consume(queue, (message) => seen.add(message!), { noAck: true });
    return seen;
  };

  it(
    'answers a submission with what the handler says, and passes on who sent it',
    async () => {
      const system = freshSystem('tributi');
      const username = `utente-${system}`;
      await grant(system);
      const submissions = new Seen<Submission>();
      heard.broker.submissions!.start(async (submission) => {
        submissions.add(submission);
        if (submissions.values.length === 1) throw new Error('the ledger is away');
        return {
          body: Buffer.from('presa in carico'),
          headers: { 'content-type': 'text/plain', 'x-crocevia-id': '42' },
        };
      });
      await heard.broker.submissions!.consume([{ system, usernames: [username] }]);
      const model = await as(username);
      const replies = await receive(model, `crocevia.reply.${system}`);
      const channel = await model.createConfirmChannel();
      const bytes = Buffer.from([0, 1, 2, 253, 254, 255]);
      const headers = { 'X-Servizio': 'anagrafe' };
      const options = { userId: username, messageId: 'm-1', type: 'notifica', priority: 0, headers };
      channel.publish('crocevia.submissions', system, bytes, { ...options, contentType: 'application/json' });
      const [reply] = await replies.count(1);
      expect(reply).toMatchObject({
        content: Buffer.from('presa in carico'),
        properties: { correlationId: 'm-1', contentType: 'text/plain', headers: { 'x-crocevia-id': '42' } },
      });
      expect(submissions.values).toHaveLength(2);
      expect(submissions.values[1]).toEqual({
        system,
        username,
        priority: null,
        headers: { 'x-servizio': 'anagrafe' },
        contentType: 'application/json',
        body: bytes,
        messageId: 'm-1',
        correlationId: null,
        type: 'notifica',
        replyTo: null,
      });
      await model.close();
    },
    LIMIT_MS,
  );

  it(
    'refuses a submission without user_id, or of another user, with a reply',
    async () => {
      const system = freshSystem('anonimo');
      const username = `utente-${system}`;
      await grant(system);
      const submissions = new Seen<Submission>();
      heard.broker.submissions!.start(async (submission) => {
        submissions.add(submission);
        return { body: Buffer.alloc(0), headers: {} };
      });
      await heard.broker.submissions!.consume([{ system, usernames: [username] }]);
      const model = await as(username);
      const replies = await receive(model, `crocevia.reply.${system}`);
      const channel = await model.createChannel();
      channel.publish('crocevia.submissions', system, Buffer.from('x'), { messageId: 'm-2' });
      await replies.count(1);
      const operator = await connect(place.amqpUrl);
      const other = await operator.createChannel();
      other.publish('crocevia.submissions', system, Buffer.from('x'), { messageId: 'm-3', userId: 'guest' });
      const answers = await replies.count(2);
      expect(answers.map((answer) => JSON.parse(answer.content.toString()).code)).toEqual([
        'credentials-missing',
        'sender-mismatch',
      ]);
      expect(submissions.values).toEqual([]);
      await Promise.all([model.close(), operator.close()]);
    },
    LIMIT_MS,
  );

  it(
    'answers to a direct reply-to, and never to a queue that is not the sender’s own',
    async () => {
      const system = freshSystem('risposte');
      const username = `utente-${system}`;
      await grant(system);
      heard.broker.submissions!.start(async ({ messageId }) => ({ body: Buffer.from(`a ${messageId}`), headers: {} }));
      await heard.broker.submissions!.consume([{ system, usernames: [username] }]);
      const model = await as(username);
      const own = await receive(model, `crocevia.reply.${system}`);
      const channel = await model.createChannel();
      const direct = new Seen<string>();
      const take = (message: ConsumeMessage | null) => direct.add(message!.content.toString());
      await channel.consume('amq.rabbitmq.reply-to', take, { noAck: true });
      const submit = (messageId: string, replyTo: string) =>
        channel.publish('crocevia.submissions', system, Buffer.from('x'), { userId: username, messageId, replyTo });
      submit('1', 'amq.rabbitmq.reply-to');
      expect(await direct.count(1)).toEqual(['a 1']);
      submit('2', 'crocevia.dead-letters');
      const [second] = await own.count(1);
      expect(second?.content.toString()).toBe('a 2');
      await model.close();
    },
    LIMIT_MS,
  );

  it(
    'grants a system its own queues and nobody else’s',
    async () => {
      const [one, two] = [freshSystem('uno'), freshSystem('due')];
      await grant(one);
      await grant(two);
      const model = await as(`utente-${one}`);
      const refused = async (
        work: (channel: Awaited<ReturnType<ChannelModel['createChannel']>>) => Promise<unknown>,
      ) => {
        const channel = await model.createConfirmChannel();
        const closed = new Promise<{ code?: number }>((resolve) => channel.once('error', resolve));
        await Promise.all([work(channel).catch(() => undefined), closed]);
        return (await closed).code;
      };
      const publish = (exchange: string, key: string, options = {}) =>
        refused(async (channel) => channel.publish(exchange, key, Buffer.from('x'), options));
      expect(await publish('crocevia.submissions', two)).toBe(403);
      expect(await publish('', `crocevia.system.${two}`)).toBe(403);
      expect(await publish('crocevia.messages', `message.${two}`)).toBe(403);
      expect(await publish('crocevia.submissions', one, { userId: `utente-${two}` })).toBe(406);
      expect(await refused((channel) => channel.get(`crocevia.out.${two}`))).toBe(403);
      expect(await refused((channel) => channel.get(`crocevia.reply.${two}`))).toBe(403);
      expect(await refused((channel) => channel.get(`crocevia.submit.${one}`))).toBe(403);
      expect(await refused((channel) => channel.assertQueue('mia'))).toBe(403);
      const allowed = await model.createConfirmChannel();
      allowed.publish('crocevia.submissions', one, Buffer.from('x'), { userId: `utente-${one}` });
      await allowed.waitForConfirms();
      expect(await allowed.get(`crocevia.out.${one}`)).toBe(false);
      await model.close();
    },
    LIMIT_MS,
  );

  it(
    '6: a direct reply-to that was made up disturbs nobody else, and is answered in the sender’s own queue',
    async () => {
      const system = freshSystem('inventato');
      const username = `utente-${system}`;
      await grant(system);
      heard.broker.submissions!.start(async () => ({ body: Buffer.from('presa in carico'), headers: {} }));
      await heard.broker.submissions!.consume([{ system, usernames: [username] }]);
      const model = await as(username);
      const replies = await receive(model, `crocevia.reply.${system}`);
      const channel = await model.createConfirmChannel();
      const other = freshSystem('altro');
      await heard.broker.publisher.publish(itemFor(other));
      const replyTo = 'amq.rabbitmq.reply-to.g1h2AA5yZXBseUAxMjM0NTY3OAAAAAAAAAAA.AAAA';
      for (let n = 1; n <= 5; n++) {
        const options = { userId: username, messageId: `m-${n}`, replyTo };
        channel.publish('crocevia.submissions', system, Buffer.from('x'), options);
        const begun = Date.now();
        for (let one = 0; one < 20; one++) await heard.broker.publisher.publish(itemFor(other));
        expect(Date.now() - begun).toBeLessThan(5_000);
        await replies.count(n);
      }
      const names = new Set(replies.values.map(({ properties }) => String(properties.correlationId)));
      expect(names).toEqual(new Set(['m-1', 'm-2', 'm-3', 'm-4', 'm-5']));
      const left = heard.events.values.filter(
        ({ name, detail }) => name === 'disconnected' && detail['link'] !== 'reply',
      );
      expect(left).toEqual([]);
      await model.close();
    },
    LIMIT_MS,
  );

  it('says that the management API refused or is away', async () => {
    const one = { system: 'x', username: 'x', password: 'x' };
    const wrong = place.managementUrl.replace('guest:guest', 'guest:wrong');
    await expect(grantSystem(wrong, one)).rejects.toMatchObject({ code: 'receiver-refused' });
    await expect(grantSystem('http://a:b@127.0.0.1:9', one)).rejects.toMatchObject({ code: 'receiver-unreachable' });
  });
});
