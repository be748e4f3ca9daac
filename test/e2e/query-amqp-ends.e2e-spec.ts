import type { ConsumeMessage } from 'amqplib';
import { amqpProvider, login } from '../support/amqp-provider.js';
import {
  ANNA,
  header,
  PRATOLA,
  queryAmqpStage,
  questionIdOf,
  RESIDENTE,
  TIMEOUT_MS,
} from '../support/query-amqp-stage.js';
import { asker, codeOf, eventsOf } from '../support/query-stage.js';
import type { Rabbit } from '../support/rabbitmq.js';
import { ownServers } from '../support/shapes.js';
import { until } from '../support/until.js';

describe('1: a question in RabbitMQ that is not answered in time', () => {
  let rabbit: Rabbit;
  const stage = queryAmqpStage(async () => {
    const servers = await ownServers();
    rabbit = servers.rabbit;
    return servers;
  });
  const ask = asker(stage);

  it('1: a late answer is written down once', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const question = await stage.pratola.next();
    expect(codeOf(await asked)).toEqual([504, 'query-timeout']);
    await stage.pratola.answer(question, { body: ANNA });
    await stage.pratola.answer(question, { body: ANNA });
    await stage.refusedWith('question-expired');
    const events = () => eventsOf(stage.gateway, questionIdOf(question));
    await until(async () => (await events()).length === 3);
    // Two nodes write behind, each in its own time.
    expect([...(await events())].sort()).toEqual(['query.asked', 'query.failed', 'query.late']);
  });

  it('1: a question leaves the queue at its deadline, and what is over the bounds is refused at once', async () => {
    await stage.pratola.stop();
    const busy = await login(stage.amqpUrl, stage.grants.pratola);
    const channel = await busy.createChannel();
    await channel.prefetch(1);
    const came: string[] = [];
    await channel.consume(
      `crocevia.ask.${PRATOLA}`,
      (message) => void came.push(questionIdOf(message as ConsumeMessage)),
    );
    const took: number[] = [];
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const answer = await ask(`${RESIDENTE}/1`);
        if (answer.status === 503) took.push(performance.now() - started);
        return answer;
      }),
    );
    const codes = answers.map((answer) => answer.json<{ code: string }>().code);
    expect(new Set(codes)).toEqual(new Set(['receiver-overloaded', 'query-timeout']));
    expect(Math.max(...took)).toBeLessThan(TIMEOUT_MS / 2);
    expect(came).toHaveLength(1);
    await stage.queueWhen(({ messageCount }) => messageCount === 0);
    await busy.close();
  });

  it('1: a consumer that dies with a question lets it time out; nobody else gets it', async () => {
    await stage.stopPratola();
    const dying = await login(stage.amqpUrl, stage.grants.pratola);
    const channel = await dying.createChannel();
    let asked: ReturnType<typeof ask>;
    await new Promise((resolve) => {
      void channel.consume(`crocevia.ask.${PRATOLA}`, resolve).then(() => (asked = ask(`${RESIDENTE}/1`)));
    });
    await dying.close();
    await stage.queueWhen(({ consumerCount }) => consumerCount === 0);
    stage.pratola = await amqpProvider(stage.amqpUrl, stage.grants.pratola);
    expect(codeOf(await asked!)).toEqual([504, 'query-timeout']);
    const again = ask(`${RESIDENTE}/2`);
    const question = await stage.pratola.next();
    expect([header(question, 'x-path'), stage.pratola.questions.messages.length]).toEqual(['/residenti/2', 1]);
    await stage.pratola.answer(question, { body: ANNA });
    expect((await again).status).toBe(200);
  });

  it('1: refuses at once while nobody consumes', async () => {
    await stage.stopPratola();
    const started = performance.now();
    const answer = await ask(`${RESIDENTE}/1`);
    expect(answer.json()).toMatchObject({
      code: 'receiver-overloaded',
      detail: expect.stringContaining('No consumer'),
    });
    expect(answer.headers['retry-after']).toBe('5');
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS / 2);
  });

  it('1: a restart of RabbitMQ ends what is under way, and questions go on after it', async () => {
    const asked = ask(`${RESIDENTE}/1`);
    const held = await stage.pratola.next();
    const restarted = rabbit.restart();
    expect(codeOf(await asked)).toEqual([503, 'broker-unavailable']);
    await restarted;
    stage.pratola = await amqpProvider(stage.amqpUrl, stage.grants.pratola);
    await stage.pratola.answer(held, { body: ANNA });
    const next = stage.pratola.next().then((question) => stage.pratola.answer(question, { body: { nome: 'Dopo' } }));
    let answer = await ask(`${RESIDENTE}/2`);
    while (answer.status === 503) answer = await ask(`${RESIDENTE}/2`);
    expect(answer.json()).toEqual({ nome: 'Dopo' });
    await next;
  }, 120_000);
});
