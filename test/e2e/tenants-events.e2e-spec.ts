import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { stringify } from 'yaml';
import { http, idOf, statusWhen } from '../support/client.js';
import { eventsUntil, type SentEvent } from '../support/events.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { NOTICE_TYPE, noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { eventually } from '../support/until.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { keyOf, systemOf, told } from '../support/tenants.js';

const SEND = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const NEVER = '019a0000-0000-7000-8000-00000000dead';

describe.each(SHAPES)('tenants follow what happens, %s', (_shape, lay) => {
  let ground: Ground;
  let registry: string;
  let gateway: RunningGateway;
  const acting = (actsFor: readonly string[]) =>
    writeFile(
      join(registry, 'acting.yaml'),
      [
        { kind: 'participant', id: 'uc_pelig', name: 'Centro servizi', type: 'service-centre' },
        systemOf('centro', 'uc_pelig', { actsFor }),
        {
          kind: 'agreement',
          id: 'raiano',
          consumer: 'c_h166',
          provider: 'r_abruzz',
          service: 'VariazioneAnagrafica',
          version: 1,
        },
      ]
        .map((one) => stringify(one))
        .join('---\n'),
    );

  beforeAll(async () => {
    ground = await lay();
    registry = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' }, another: {} });
    await Promise.all([writeOperators(registry), acting(['c_i804'])]);
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: registry });
  }, 150_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), rm(registry, { recursive: true, force: true })]);
  }, 60_000);

  const send = async (key: string, sender: string, headers: Record<string, string> = {}) => {
    const sent = await http(`${gateway.url}${SEND}`, { key, headers, body: noticeJson('r_abruzz', sender) });
    expect([sent.status, sent.text]).toEqual([202, expect.any(String)]);
    await statusWhen(gateway.url, idOf(sent), ({ deliveries }) => deliveries[0]?.state === 'AVAILABLE');
    return idOf(sent);
  };
  const asRaiano = () => send(KEYS.raiano, 'c_h166');
  const asSulmona = (headers?: Record<string, string>) => send(KEYS.sulmona, 'c_i804', headers);
  const path = () => `${gateway.url}/admin/events`;
  const until = (who: OperatorName, id: string, from: Record<string, string> | string = '0') =>
    eventsUntil(
      typeof from === 'string' ? `${path()}?after=${from}` : path(),
      { ...bearer(who), ...(typeof from === 'string' ? {} : from) },
      ({ event, data }) => data.messageId === id && event === 'delivery.available',
    );
  const messages = (events: readonly SentEvent[]) => [...new Set(events.map(({ data }) => data.messageId))];
  const names = (events: readonly SentEvent[]) => events.map(({ event }) => event);

  it('4: an operator is sent the events of its bodies, and nothing by which those of others could be counted', async () => {
    const first = await asRaiano();
    for (let other = 0; other < 5; other++) await asSulmona();
    const second = await asRaiano();
    const events = await until('raiano', second);
    expect(messages(events)).toEqual([first, second]);
    const [one = [], other = []] = [first, second].map((id) => events.filter(({ data }) => data.messageId === id));
    expect(names(one)).toEqual(names(other));
    for (const { id, data } of events) {
      expect(id).toMatch(/^[\w-]{22}$/);
      expect(Object.keys(data)).not.toContain('seq');
      expect(Object.values(data).filter((value) => typeof value === 'number')).toEqual([]);
    }
    expect(events.map(({ raw }) => raw).join('\n')).not.toMatch(/c_i804|sulmona/);
  });

  it('9: one operator’s streams are bounded, and those of others go on', async () => {
    const end = new AbortController();
    const agent = new Agent();
    const follow = (who: OperatorName) =>
      request(path(), { headers: bearer(who), signal: end.signal, dispatcher: agent });
    const open = await Promise.all(Array.from({ length: 20 }, () => follow('raiano')));
    expect(open.map(({ statusCode }) => statusCode)).toEqual(open.map(() => 200));
    const [over, other] = [await follow('raiano'), await follow('sulmona')];
    expect([over.statusCode, await over.body.json(), other.statusCode]).toEqual([
      503,
      expect.objectContaining({ code: 'overloaded' }),
      200,
    ]);
    for (const { body } of [...open, other]) body.on('error', () => undefined);
    end.abort();
    await agent.close();
    const opens = async () => {
      const { statusCode, body } = await request(path(), { headers: bearer('raiano') });
      body.on('error', () => undefined).destroy();
      return statusCode;
    };
    await eventually(opens, (status) => status === 200);
  });

  it('4: who resumes after its last event misses none and is sent none twice', async () => {
    const id = await asRaiano();
    const all = await until('raiano', id);
    for (let at = 0; at < all.length - 1; at += 3) {
      const rest = await until('raiano', id, { 'last-event-id': all[at]!.id });
      expect(rest.map((event) => event.id)).toEqual(all.slice(at + 1).map((event) => event.id));
    }
  });

  it('4: another’s position is refused like one that never was, and so is every number', async () => {
    const id = await asSulmona();
    const platform = (await until('platform', id)).at(-1)!.id;
    const sulmona = (await until('sulmona', id)).at(-1)!.id;
    expect(platform).not.toBe(sulmona);
    const never = 'A'.repeat(22);
    const asked = async (cursor: string, how: 'after' | 'last-event-id') =>
      told(
        how === 'after'
          ? await http(`${path()}?after=${cursor}`, { headers: bearer('raiano') })
          : await http(path(), { headers: { ...bearer('raiano'), 'last-event-id': cursor } }),
        [cursor],
      );
    for (const how of ['after', 'last-event-id'] as const)
      for (const cursor of [platform, sulmona, '1', '5', '100', '999999999'])
        expect([cursor, await asked(cursor, how)]).toEqual([cursor, await asked(never, how)]);
    expect(await asked(never, 'after')).toMatchObject({ status: 400 });
  });

  it('4: an operator of one receiver hears of no other receiver of the same event', async () => {
    const body = noticeJson();
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': `e-${Date.now()}`,
      'ce-source': '/c_i804',
      'ce-type': NOTICE_TYPE,
    };
    const sent = await http(`${gateway.url}/messages`, { key: KEYS.sulmona, headers, body });
    expect(sent.status).toBe(202);
    const both = await statusWhen(gateway.url, idOf(sent), ({ deliveries }) =>
      deliveries.every(({ state }) => state === 'AVAILABLE'),
    );
    expect(both.deliveries.map(({ receiver }) => receiver).sort()).toEqual(['c_h007', 'r_abruzz']);
    const events = (await until('centre', idOf(sent))).filter(({ data }) => data.messageId === idOf(sent));
    expect(events.length).toBeGreaterThan(1);
    expect(events.map(({ raw }) => raw).join('\n')).not.toMatch(/r_abruzz|regione/);
    const regional = both.deliveries.find(({ receiver }) => receiver === 'r_abruzz')!.deliveryId;
    expect(events.map(({ raw }) => raw).join('\n')).not.toContain(regional);
  });

  it('4: a system that acts for a body sees what it has sent itself, while it may act, and nothing else of that body', async () => {
    const headers = { 'x-correlation-id': 'pratica-propria' };
    const theirs = await asSulmona({ ...headers, 'idempotency-key': 'di-sulmona' });
    const own = await send(keyOf('centro'), 'c_i804', {
      ...headers,
      'x-sender': 'c_i804',
      'idempotency-key': 'del-centro',
    });
    const look = (at: string) => http(`${gateway.url}${at}`, { key: keyOf('centro') });
    const doors = [
      (id: string) => `/messages/${id}`,
      (id: string) => `/messages/${id}/timeline`,
      (id: string) => `/messages/${id}/answer`,
    ];
    for (const door of doors)
      expect(told(await look(door(theirs)), [theirs])).toEqual(told(await look(door(NEVER)), [NEVER]));
    for (const name of ['di-sulmona', 'mai-vista'])
      expect((await look(`/messages?messageId=${name}`)).status).toBe(404);
    expect((await look(`/messages/${own}/timeline`)).status).toBe(200);
    await acting([]);
    const { revision } = (
      await http(`${gateway.url}/admin/registry/reload`, { method: 'POST', headers: bearer('platform') })
    ).json<{ revision: string }>();
    expect(revision).toEqual(expect.any(String));
    for (const door of doors)
      expect(told(await look(door(own)), [own])).toEqual(told(await look(door(NEVER)), [NEVER]));
  });
});
