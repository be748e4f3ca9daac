import type { ServerResponse } from 'node:http';
import { http, idOf, statusWhen, type HttpAnswer, type HttpCall } from '../support/client.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, asOperator, queryStage, timelineOf } from '../support/query-stage.js';
import type { Received } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';

const RESIDENTI = '/rest/c_h007/v1/Residenti/residenti';
const AGREEMENT = 'r_abruzz-c_h007-Residenti';
const FRESH = { 'cache-control': 'max-age=600', etag: '"1"' };

describe.each(SHAPES)('queries whose answers are kept, %s', (_name, lay) => {
  const stage = queryStage(lay, ({ pratola }) =>
    writeQueryRegistry({ soap: null, rest: pratola.url, pratola: { cache: true } }),
  );
  const asking = asker(stage);
  const ask = (id: string, call?: HttpCall) => asking(`${RESIDENTI}/${id}`, call);
  const status = ({ headers }: HttpAnswer) => headers['cache-status'];

  /** From now on each question gets another name; returns what was asked since. */
  function answerWith(
    headers: Record<string, string>,
    answer = (_: Received, reply: ServerResponse, nome: string) => void reply.end(JSON.stringify({ nome })),
  ): () => readonly Received[] {
    const before = stage.pratola.received.length;
    const asked = () => stage.pratola.received.slice(before);
    stage.pratola.answerWith((received, reply) => {
      for (const [name, value] of Object.entries({ 'content-type': 'application/json', ...headers }))
        reply.setHeader(name, value);
      answer(received, reply, `Anna ${asked().length}`);
    });
    return asked;
  }

  async function counted(name: 'hits' | 'misses'): Promise<number> {
    const { text } = await http(`${stage.gateway.url}/admin/metrics`, asOperator);
    return Number(new RegExp(`^crocevia_query_cache_${name}_total (\\d+)$`, 'm').exec(text)?.[1]);
  }

  it('6: answers again by itself what is fresh, and writes that question down too', async () => {
    const asked = answerWith(FRESH);
    const [hits, misses] = [await counted('hits'), await counted('misses')];
    const first = await ask('1');
    const second = await ask('1');
    expect([first.status, second.status, second.json(), asked().length]).toEqual([200, 200, first.json(), 1]);
    expect(status(first)).toBe('crocevia; fwd=uri-miss; fwd-status=200; stored');
    expect(status(second)).toMatch(/^crocevia; hit; ttl=\d+$/);
    expect(Number(second.headers['age'])).toBeGreaterThanOrEqual(0);
    expect(second.headers['x-gateway-id']).not.toBe(first.headers['x-gateway-id']);
    expect([await counted('hits'), await counted('misses')]).toEqual([hits + 1, misses + 1]);
    const id = idOf(second);
    await statusWhen(stage.gateway.url, id, ({ state }) => state === 'COMPLETED');
    const { event, stations = [] } = (await timelineOf(stage.gateway, id)).at(-1)!;
    expect([event, stations.map(({ station }) => station)]).toEqual([
      'query.answered',
      expect.arrayContaining(['cache']),
    ]);
  });

  it('6: gives nobody what another body was answered', async () => {
    const asked = answerWith(FRESH);
    const own = await ask('2');
    const other = await ask('2', { key: KEYS.raiano });
    expect([own.json(), other.json()]).toEqual([{ nome: 'Anna 1' }, { nome: 'Anna 2' }]);
    expect([(await ask('2')).json(), (await ask('2', { key: KEYS.raiano })).json()]).toEqual([
      own.json(),
      other.json(),
    ]);
    expect(asked().map(({ headers }) => headers['x-sender'])).toEqual(['r_abruzz', 'c_h166']);
  });

  it('6: answers 304 by itself', async () => {
    const asked = answerWith(FRESH);
    await ask('3');
    const told = await ask('3', { headers: { 'if-none-match': '"1"' } });
    expect([told.status, told.text, told.headers['etag'], asked().length]).toEqual([304, '', '"1"', 1]);
    expect(told.headers).not.toHaveProperty('content-length');
    expect(told.headers).not.toHaveProperty('content-type');
  });

  it('6: has the provider confirm what is stale', async () => {
    const asked = answerWith({ 'cache-control': 'max-age=0', etag: '"7"' }, ({ headers }, reply, nome) =>
      headers['if-none-match'] === '"7"' ? void reply.writeHead(304).end() : void reply.end(JSON.stringify({ nome })),
    );
    const first = await ask('4');
    const second = await ask('4');
    expect([second.status, second.json(), asked().length]).toEqual([200, first.json(), 2]);
    expect(status(second)).toBe('crocevia; fwd=stale; fwd-status=304; stored');
  });

  it('6: keeps nothing that the provider forbids to keep, and nothing invalid', async () => {
    const forbidden = answerWith({ ...FRESH, 'cache-control': 'no-store' });
    await ask('5');
    await ask('5');
    expect(forbidden()).toHaveLength(2);
    const wrong = answerWith(FRESH, (_, reply) => void reply.end('{"cognome":"Rossi"}'));
    expect([(await ask('5')).status, (await ask('5')).status, wrong().length]).toEqual([502, 502, 2]);
  });

  it('6: a change through the gateway drops what was answered about it', async () => {
    const asked = answerWith(FRESH, ({ method }, reply, nome) =>
      method === 'PUT' ? void reply.writeHead(204).end() : void reply.end(JSON.stringify({ nome })),
    );
    await ask('6');
    await ask('6', { key: KEYS.raiano });
    expect((await ask('6', { method: 'PUT', body: { nome: 'Ugo' } })).status).toBe(204);
    expect([(await ask('6')).json(), (await ask('6', { key: KEYS.raiano })).json()]).toEqual([
      { nome: 'Anna 4' },
      { nome: 'Anna 5' },
    ]);
    expect(asked()).toHaveLength(5);
  });

  it('6: gives nothing to a body whose agreement is suspended, and asks anew when it is resumed', async () => {
    const asked = answerWith(FRESH);
    const turn = (verb: string) =>
      http(`${stage.gateway.url}/admin/agreements/${AGREEMENT}/${verb}`, { ...asOperator, method: 'POST' });
    expect((await ask('7')).status).toBe(200);
    expect((await turn('suspend')).status).toBe(200);
    const refused = await ask('7');
    expect([refused.status, refused.json<{ code: string }>().code]).toEqual([403, 'agreement-suspended']);
    expect(status(refused)).toBeUndefined();
    expect((await turn('resume')).status).toBe(200);
    expect([(await ask('7')).json(), asked().length]).toEqual([{ nome: 'Anna 2' }, 2]);
  });
});
