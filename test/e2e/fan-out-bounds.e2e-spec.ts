import type { ServerResponse } from 'node:http';
import { http } from '../support/client.js';
import {
  anna,
  AT_ONCE,
  fanOutStage,
  few,
  lineOf,
  many,
  MANY,
  ONE,
  providerOf,
  providersIn,
} from '../support/fan-out-stage.js';
import type { Line } from '../support/ndjson.js';
import { asker, asOperator, codeOf, say } from '../support/query-stage.js';
import { SHAPES } from '../support/shapes.js';
import { until } from '../support/until.js';

describe.each(SHAPES)('7: the bounds of fan-out, %s', (_name, lay) => {
  const { stage, open, all, asked, hold, traced } = fanOutStage(lay);
  const ask = asker(stage);

  it('7: at the deadline each provider without an answer has its line, asked or not', async () => {
    hold();
    const started = performance.now();
    const lines = await all(many(), { headers: { prefer: 'wait=1' } });
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(providersIn(lines)).toEqual(MANY.map(({ id }) => id));
    const codes = lines.slice(1, -1).map(({ fault }) => (fault as { code: string }).code);
    expect(new Set(codes)).toEqual(new Set(['query-timeout']));
    expect(lines.at(-1)).toMatchObject({ outcome: 'complete', asked: 40, answered: 0, failed: 40 });
    expect(asked()).toHaveLength(AT_ONCE);
  });

  it('7: asks so many at once and no more', async () => {
    const held = hold((provider) => provider.startsWith('c_m'));
    const stream = await open(many());
    await until(() => held.size === AT_ONCE);
    expect(await ask(`/rest/c_f1/v1/Residenti${ONE}`)).toMatchObject({
      status: 200,
    });
    expect(held.size).toBe(AT_ONCE);
    const [[first, answerFirst]] = held as unknown as [[string, () => void]];
    answerFirst();
    held.delete(first);
    await until(() => held.size === AT_ONCE);
    stage.pratola.answerWith((_, reply) => anna(reply));
    for (const answer of held.values()) answer();
    const reading = stream.rest();
    expect((await reading).at(-1)).toMatchObject({ asked: 40, answered: 40, failed: 0 });
  });

  it('7: ends every question when the consumer hangs up, and begins no other', async () => {
    const held = hold();
    const hangUp = new AbortController();
    const stream = await open(many(), { signal: hangUp.signal, headers: { 'x-correlation-id': 'appesa-7' } });
    expect(await stream.next()).toMatchObject({ outcome: 'asking' });
    await until(() => held.size === AT_ONCE);
    hangUp.abort();
    await until(async () => (await traced('appesa-7')).length === AT_ONCE);
    for (const { id } of await traced('appesa-7')) {
      const status = await http(`${stage.gateway.url}/admin/messages/${id}`, asOperator);
      expect(status.json()).toMatchObject({ state: 'PARTIALLY_FAILED', fault: { code: 'consumer-gone' } });
    }
    stage.pratola.answerWith((_, reply) => anna(reply));
    expect(await all(few())).toHaveLength(6);
    for (const answer of held.values()) answer();
    expect(asked().filter((provider) => provider.startsWith('c_m'))).toHaveLength(AT_ONCE);
  });

  it('7: a consumer that does not read lets nothing more begin', async () => {
    const photo = Buffer.alloc(1_500_000, 0xff);
    stage.pratola.answerWith(say(200, 'image/png', photo));
    const stream = await open(many(`${ONE}/foto`), { headers: { prefer: 'wait=3' } });
    stage.pratola.answerWith((received, reply) => {
      if (providerOf(received).startsWith('c_m')) reply.writeHead(200, { 'content-type': 'image/png' }).end(photo);
    });
    // Nobody answers this one: it comes back after the deadline of the other.
    const clock = await ask(`/rest/c_f1/v1/Residenti${ONE}`, { headers: { prefer: 'wait=4' } });
    expect(clock.status).toBe(504);
    const begun = () => asked().filter((provider) => provider.startsWith('c_m')).length;
    const before = begun();
    expect(before).toBeLessThan(MANY.length);
    const lines = await stream.rest();
    const answered = lines.filter(({ outcome }) => outcome === 'answered');
    const [{ body, ...first }] = answered as [Line];
    expect(first).toMatchObject({ contentType: 'image/png', encoding: 'base64' });
    expect(body === photo.toString('base64')).toBe(true);
    expect(answered.length).toBeLessThanOrEqual(before);
    expect(begun()).toBe(before);
    expect(lines.at(-1)).toMatchObject({ outcome: 'complete', asked: MANY.length });
  });

  it('7: a consumer that never reads is cut off, and its place is given back', async () => {
    const photo = Buffer.alloc(1_500_000, 0xff);
    stage.pratola.answerWith(say(200, 'image/png', photo));
    const unread = await open(many(`${ONE}/foto`), { headers: { prefer: 'wait=2' } });
    await until(() => asked().length > AT_ONCE);
    const held: ServerResponse[] = [];
    stage.pratola.answerWith((received, reply) => {
      if (providerOf(received) === 'c_f1') held.push(reply);
      else reply.writeHead(200, { 'content-type': 'image/png' }).end(photo);
    });
    // Three more take the places of this system that are left.
    const others = await Promise.all([1, 2, 3].map(() => open(few(`${ONE}/foto`))));
    const another = () => ask(`/fanout/c_f2/v1/Residenti${ONE}/foto`);
    expect(await another()).toMatchObject({ status: 503 });
    await until(async () => (await another()).status === 200);
    await expect(unread.rest()).rejects.toThrow();
    held.forEach((reply) => void reply.writeHead(200, { 'content-type': 'image/png' }).end(photo));
    for (const stream of others) expect((await stream.rest()).at(-1)).toMatchObject({ answered: 3 });
  });

  it('7: fails an answer that is too long for a line', async () => {
    stage.pratola.answerWith((received, reply) => {
      const size = providerOf(received) === 'c_f1' ? 2 * 1024 * 1024 + 1 : 2 * 1024 * 1024;
      reply.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.alloc(size));
    });
    const lines = await all(few(`${ONE}/foto`));
    expect(lineOf(lines, 'c_f1')).toMatchObject({ outcome: 'failed', fault: { code: 'receiver-error' } });
    expect(lineOf(lines, 'c_f2')).toMatchObject({ outcome: 'answered' });
  });

  it('7: holds each agreement to its rate, and to its size, for itself', async () => {
    const path = `/fanout/cst_rate/v1/Residenti${ONE}`;
    expect((await all(path)).at(-1)).toMatchObject({ answered: 2, failed: 0 });
    const again = await all(path);
    expect(lineOf(again, 'c_r1')).toMatchObject({
      outcome: 'failed',
      status: 429,
      fault: { code: 'rate-limited', place: 'limit of agreement regione-c_r1', retryable: true },
    });
    expect(lineOf(again, 'c_r2')).toMatchObject({ outcome: 'answered' });
  });

  it('7: takes so many fan-outs of one system at once, and another when one has ended', async () => {
    const held: ServerResponse[] = [];
    stage.pratola.answerWith((received, reply) =>
      providerOf(received) === 'c_f1' ? void held.push(reply) : anna(reply),
    );
    const streams = await Promise.all([1, 2, 3, 4].map(() => open(few())));
    expect(codeOf(await ask(few()))).toEqual([503, 'overloaded']);
    await until(() => held.length === 4);
    held.forEach(anna);
    for (const stream of streams) expect((await stream.rest()).at(-1)).toMatchObject({ answered: 3, failed: 1 });
    stage.pratola.answerWith((_, reply) => anna(reply));
    expect((await all(few())).at(-1)).toMatchObject({ answered: 3, failed: 1 });
  });

  it('7: a node that stops asks no more, gives what it has asked a moment, and ends the stream', async () => {
    const held = hold();
    const stream = await open(many());
    await until(() => held.size === AT_ONCE);
    const stopped = stage.gateway.stop();
    await until(() => stage.gateway.logs().includes('gateway.stopping'));
    const [silent, ...others] = held.values();
    for (const answer of others) answer();
    const lines = await stream.rest();
    silent!();
    const outcomes = lines
      .slice(1, -1)
      .map(({ outcome, fault }) => (fault as { code: string } | undefined)?.code ?? outcome);
    expect(outcomes.filter((one) => one === 'answered')).toHaveLength(AT_ONCE - 1);
    expect(outcomes.filter((one) => one === 'stopping')).toHaveLength(MANY.length - AT_ONCE + 1);
    expect(lines.at(-1)).toMatchObject({ outcome: 'complete', asked: 40, answered: 15, failed: 25 });
    expect(await stopped).toBe(0);
  });
});
