import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { http, idOf, statusWhen, type HttpAnswer } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { NOTICE_TYPE, noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { told } from '../support/tenants.js';
import { until } from '../support/until.js';

const SEND = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const BODIES = { sulmona: 'c_i804', raiano: 'c_h166' } as const;
type Body = keyof typeof BODIES;
/** More than a message is shown beside. */
const MANY = 60;

interface InBox {
  readonly deliveryId: string;
  readonly lease: string;
  readonly id: string;
}

describe.each(SHAPES)('tenants that use each other’s names, %s', (_shape, lay) => {
  let ground: Ground;
  let registry: string;
  let gateway: RunningGateway;

  beforeAll(async () => {
    ground = await lay();
    registry = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' }, ordered: true });
    await writeOperators(registry);
    const raiano = {
      kind: 'agreement',
      id: 'raiano',
      consumer: 'c_h166',
      provider: 'r_abruzz',
      service: 'VariazioneAnagrafica',
      version: 1,
    };
    await writeFile(join(registry, 'raiano.yaml'), stringify({ ...raiano, ordered: true, subscribes: true }));
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: registry });
  }, 150_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), rm(registry, { recursive: true, force: true })]);
  }, 60_000);

  const post = (
    as: Body,
    headers: Record<string, string>,
    body: object = noticeJson('r_abruzz', BODIES[as]) as never,
  ) => http(`${gateway.url}${SEND}`, { key: KEYS[as], headers: { 'idempotency-key': randomUUID(), ...headers }, body });
  const send = async (as: Body, headers: Record<string, string>) => {
    const sent = await post(as, headers);
    expect([sent.status, sent.text]).toEqual([202, expect.any(String)]);
    return idOf(sent);
  };
  const mine = (as: Body, path: string) => http(`${gateway.url}${path}`, { key: KEYS[as] });
  const seen = (who: OperatorName, path: string) => http(`${gateway.url}/admin/${path}`, { headers: bearer(who) });
  const available = (id: string) =>
    statusWhen(gateway.url, id, ({ deliveries }) => deliveries[0]?.state === 'AVAILABLE');
  const take = async () =>
    (await http(`${gateway.url}/box/messages?max=100`, { key: KEYS.regione })).json<{ messages: readonly InBox[] }>()
      .messages;
  const acknowledge = (one: InBox) =>
    http(`${gateway.url}/box/messages/${one.deliveryId}/ack`, { key: KEYS.regione, body: { lease: one.lease } });

  it('4: a conversation of the same name is another one: neither waits for the other, nor closes its gap', async () => {
    const at = (number: number) => ({ 'x-conversation-id': 'pratica-7', 'x-sequence-number': String(number) });
    const first = await send('sulmona', at(1));
    const third = await send('sulmona', at(3));
    await available(first);
    // Sulmona's first is not acknowledged: its conversation is busy, and 2 is missing.
    const theirs: string[] = [];
    for (const number of [1, 2, 3]) theirs.push(await send('raiano', at(number)));
    const given = new Set<string>();
    const firstInBox: InBox[] = [];
    await until(async () => {
      for (const one of await take()) {
        given.add(one.id);
        if (one.id === first) firstInBox.push(one);
        else expect((await acknowledge(one)).status).toBe(200);
      }
      return theirs.every((id) => given.has(id));
    });
    expect(given).not.toContain(third);
    for (const id of theirs) {
      const { text } = await mine('raiano', `/messages/${id}/timeline`);
      expect(text).not.toMatch(/delivery\.held|sequence-gap/);
    }
    expect((await acknowledge(firstInBox[0]!)).status).toBe(200);
    const waits = await statusWhen(
      gateway.url,
      third,
      ({ deliveries }) => deliveries[0]?.fault?.code === 'sequence-gap',
    );
    expect(waits.deliveries[0]).toMatchObject({ waitsForItsTurn: true, sequence: 3 });
    await send('raiano', { 'x-conversation-id': 'pratica-7' });
    const second = await send('sulmona', at(2));
    await until(async () => {
      for (const one of await take()) {
        given.add(one.id);
        await acknowledge(one);
      }
      return given.has(second) && given.has(third);
    });
    expect([...given].indexOf(second)).toBeLessThan([...given].indexOf(third));
  });

  it('4: a number that a stranger has used is not used up, and one that it has passed is not passed', async () => {
    const at = (number: number) => ({ 'x-conversation-id': 'pratica-8', 'x-sequence-number': String(number) });
    for (const number of [1, 2]) await send('raiano', at(number));
    const own = await send('sulmona', at(1));
    await available(own);
  });

  it.each([
    ['Idempotency-Key', (name: string) => ({ 'idempotency-key': name })],
    [
      'ce-id',
      (name: string) => ({
        'ce-specversion': '1.0',
        'ce-id': name,
        'ce-source': '/x',
        'ce-type': NOTICE_TYPE,
        'ce-receiver': 'r_abruzz',
      }),
    ],
  ])(
    '4: %s: the id of another body’s message is free, with the same content and with other',
    async (_name, headers) => {
      const name = randomUUID();
      const path = _name === 'ce-id' ? '/messages' : SEND;
      const put = (as: Body, sender: string = BODIES[as]) =>
        http(`${gateway.url}${path}`, { key: KEYS[as], headers: headers(name), body: noticeJson('r_abruzz', sender) });
      const own = await put('sulmona');
      expect([own.status, own.text]).toEqual([202, expect.any(String)]);
      const [same, again] = [await put('raiano'), await put('raiano')];
      const fresh = await http(`${gateway.url}${path}`, {
        key: KEYS.raiano,
        headers: headers(`${name}-x`),
        body: noticeJson('r_abruzz', 'c_h166'),
      });
      expect(told(same, [name])).toEqual(told(fresh, [`${name}-x`]));
      expect(idOf(again)).toBe(idOf(same));
      expect(idOf(same)).not.toBe(idOf(own));
      const repeated = await put('sulmona');
      expect([repeated.status, idOf(repeated)]).toEqual([202, idOf(own)]);
      for (const [as, answer] of [
        ['sulmona', own],
        ['raiano', same],
      ] as const)
        expect((await mine(as, `/messages?messageId=${name}`)).json()).toMatchObject({ id: idOf(answer) });
    },
  );

  it('4: a correlation id, and a relation to another’s message, tell nothing and take nobody’s place', async () => {
    const name = `pratica-${randomUUID()}`;
    const own = await send('sulmona', { 'x-correlation-id': name, 'idempotency-key': `${name}-1` });
    const next = await send('sulmona', { 'x-correlation-id': name, 'x-relates-to': `${name}-1` });
    const before = plain(await mine('sulmona', `/messages/${own}`));
    const related = async (who: OperatorName) =>
      (await seen(who, `messages/${own}`)).json<{ related: readonly { id: string; relation: string }[] }>().related;
    const alone = await related('sulmona');
    expect(alone).toMatchObject([{ id: next, relation: 'follow-up' }]);
    const relations = [own, `${name}-1`, name];
    const answers: HttpAnswer[] = [];
    for (let one = 0; one < MANY; one++)
      answers.push(await post('raiano', { 'x-correlation-id': name, 'x-relates-to': relations[one % 3]! }));
    const never = await post('raiano', { 'x-correlation-id': 'mai-vista', 'x-relates-to': 'mai-vista-1' });
    const names = [name, 'mai-vista', ...relations, 'mai-vista-1'];
    for (const answer of answers) expect(told(answer, names)).toEqual(told(never, names));
    expect(plain(await mine('sulmona', `/messages/${own}`))).toEqual(before);
    expect(await related('sulmona')).toEqual(alone);
    const found = (await seen('sulmona', `messages?text=${name}`)).json<{
      items: readonly { id: string }[];
      next: unknown;
    }>();
    expect([found.items.map(({ id }) => id), found.next]).toEqual([[next, own], null]);
    const theirs = await seen('raiano', `messages/${idOf(answers[0]!)}`);
    expect(theirs.text).not.toContain(next);
    expect(
      theirs.json<{ related: readonly { sender: string }[] }>().related.every(({ sender }) => sender === 'c_h166'),
    ).toBe(true);
  }, 60_000);

  it('4: another receiver’s delivery, and what became of it, are neither found nor told', async () => {
    const sent = await http(`${gateway.url}/messages`, {
      key: KEYS.sulmona,
      headers: { 'ce-specversion': '1.0', 'ce-id': randomUUID(), 'ce-source': '/c_i804', 'ce-type': NOTICE_TYPE },
      body: noticeJson(),
    });
    const id = idOf(sent);
    const { deliveries } = await statusWhen(gateway.url, id, (now) => now.deliveries.length > 1);
    const [own, other] = ['c_h007', 'r_abruzz'].map((code) => deliveries.find(({ receiver }) => receiver === code)!);
    const found = async (who: OperatorName, q: string) =>
      (await seen(who, `messages?q=${q}`)).json<{ items: readonly { id: string }[] }>().items.map((one) => one.id);
    expect(await found('centre', own!.deliveryId)).toEqual([id]);
    expect(await found('centre', other!.deliveryId)).toEqual([]);
    expect(await found('platform', other!.deliveryId)).toEqual([id]);
    const cancel = `${gateway.url}/admin/messages/${id}/cancel?reason=x&delivery=${other!.deliveryId}`;
    expect((await http(cancel, { method: 'POST', headers: bearer('platform') })).status).toBe(200);
    const state = async (who: OperatorName) =>
      (await seen(who, `messages/${id}`)).json<{ state: string; deliveries: readonly object[] }>();
    await until(async () => {
      const box = await http(`${gateway.url}/box/messages?max=100`, { key: KEYS.pratola });
      for (const one of box.json<{ messages: readonly InBox[] }>().messages)
        await http(`${gateway.url}/box/messages/${one.deliveryId}/ack`, {
          key: KEYS.pratola,
          body: { lease: one.lease },
        });
      return (await state('platform')).state === 'PARTIALLY_FAILED';
    });
    const inState = async (who: OperatorName, of: string) =>
      (await seen(who, `messages?state=${of}`)).json<{ items: readonly { id: string; state: string }[] }>().items;
    for (const [who, is, not] of [
      ['centre', 'COMPLETED', 'PARTIALLY_FAILED'],
      ['platform', 'PARTIALLY_FAILED', 'COMPLETED'],
    ] as const) {
      expect(await inState(who, is)).toEqual(expect.arrayContaining([expect.objectContaining({ id, state: is })]));
      expect((await inState(who, not)).map((one) => one.id)).not.toContain(id);
      expect((await inState(who, 'ACCEPTED')).map((one) => one.id)).not.toContain(id);
    }
    expect(await state('centre')).toMatchObject({ state: 'COMPLETED', deliveries: [{ receiver: 'c_h007' }] });
  });
});

/** A status without the progress of its delivery, which goes on by itself. */
const plain = ({ status, text }: HttpAnswer) => {
  const { id, messageId, correlationId, sender, receipts } = JSON.parse(text) as Record<string, unknown>;
  return { status, id, messageId, correlationId, sender, receipts };
};
