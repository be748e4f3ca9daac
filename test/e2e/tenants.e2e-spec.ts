import { rm } from 'node:fs/promises';
import { http, idOf, statusWhen, type HttpAnswer, type HttpCall } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators } from '../support/operators.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { embedded, type Ground } from '../support/shapes.js';

const SEND = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const SECRET = 'praticariservata';
const NEVER = '019a0000-0000-7000-8000-00000000dead';
const SAMPLES = 60;

/** Everything by which something of A is named. */
interface Names {
  readonly id: string;
  readonly delivery: string;
  readonly messageId: string;
  readonly correlationId: string;
}
const STRANGE: Names = { id: NEVER, delivery: NEVER, messageId: 'mai-vista', correlationId: `${SECRET}-mai-vista` };

interface Door {
  readonly name: string;
  readonly path: (of: Names) => string;
  readonly call?: (of: Names) => HttpCall;
}

const lease = { call: () => ({ body: { lease: NEVER } }) };
const post = { call: () => ({ method: 'POST' as const }) };
const SYSTEM_DOORS: readonly Door[] = [
  { name: 'status', path: ({ id }) => `/messages/${id}` },
  { name: 'status, HEAD', path: ({ id }) => `/messages/${id}`, call: () => ({ method: 'HEAD' }) },
  {
    name: 'status, conditional',
    path: ({ id }) => `/messages/${id}`,
    call: () => ({ headers: { 'if-none-match': '*' } }),
  },
  { name: 'timeline', path: ({ id }) => `/messages/${id}/timeline` },
  { name: 'by the sender’s id', path: ({ messageId }) => `/messages?messageId=${messageId}` },
  { name: 'by the correlation id', path: ({ correlationId }) => `/messages/${correlationId}` },
  { name: 'answer', path: ({ id }) => `/messages/${id}/answer` },
  { name: 'answer, waiting', path: ({ id }) => `/messages/${id}/answer?wait=1` },
  { name: 'giving an answer', path: ({ id }) => `/messages/${id}/answer`, call: () => ({ body: { esito: 'ok' } }) },
  { name: 'content of the box', path: ({ delivery }) => `/box/messages/${delivery}/content` },
  {
    name: 'part of a content',
    path: ({ delivery }) => `/box/messages/${delivery}/content`,
    call: () => ({ headers: { range: 'bytes=0-9' } }),
  },
  { name: 'acknowledging', path: ({ delivery }) => `/box/messages/${delivery}/ack`, ...lease },
  { name: 'giving back', path: ({ delivery }) => `/box/messages/${delivery}/nack`, ...lease },
  { name: 'answering a question', path: ({ id }) => `/questions/${id}/answer`, call: () => ({ body: {} }) },
  { name: 'box', path: () => '/box/messages?max=100' },
  { name: 'questions', path: () => '/questions' },
];
const OPERATOR_DOORS: readonly Door[] = [
  { name: 'message', path: ({ id }) => `/admin/messages/${id}` },
  { name: 'message by its sender’s id', path: ({ messageId }) => `/admin/messages/${messageId}` },
  { name: 'message by its correlation id', path: ({ correlationId }) => `/admin/messages/${correlationId}` },
  { name: 'timeline', path: ({ id }) => `/admin/messages/${id}/timeline` },
  { name: 'explanation', path: ({ id }) => `/admin/messages/${id}/explanation` },
  { name: 'content', path: ({ id }) => `/admin/messages/${id}/content` },
  { name: 'search', path: ({ messageId }) => `/admin/messages?text=${messageId}` },
  { name: 'list by the other', path: () => '/admin/messages?sender=c_i804&receiver=r_abruzz' },
  { name: 'list before an id', path: ({ id }) => `/admin/messages?before=${id}` },
  { name: 'deliveries', path: () => '/admin/deliveries?sender=c_i804' },
  { name: 'dead letters', path: () => '/admin/dead-letters' },
  { name: 'retrying', path: ({ id }) => `/admin/messages/${id}/retry?reason=x`, ...post },
  { name: 'withdrawing', path: ({ id }) => `/admin/messages/${id}/cancel?reason=x`, ...post },
  {
    name: 'preview of a job',
    path: () => '/admin/jobs/preview',
    call: ({ delivery }) => ({ body: { action: 'cancel', filter: { ids: [delivery] } } }),
  },
  { name: 'jobs', path: () => '/admin/jobs' },
  { name: 'audit', path: () => '/admin/registry/history' },
];

/** The longest first: one may be a part of another. */
const byLength = (names: Names) =>
  Object.values(names as unknown as Record<string, string>).sort((a, b) => b.length - a.length);
/** Without the times of this very question. */
const timeless = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{time}');

describe('tenants, embedded', () => {
  let ground: Ground;
  let registry: string;
  let gateway: RunningGateway;
  let own: Names;

  beforeAll(async () => {
    ground = await embedded();
    registry = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' }, another: {} });
    await writeOperators(registry);
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: registry });
    own = await sendOwn('chiave-1');
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await Promise.all([ground.stop(), rm(registry, { recursive: true, force: true })]);
  }, 30_000);

  async function sendOwn(key: string): Promise<Names> {
    const headers = { 'idempotency-key': key, 'x-correlation-id': `${SECRET}-${key}` };
    const sent = await http(`${gateway.url}${SEND}`, { key: KEYS.sulmona, headers, body: noticeJson() });
    expect(sent.status).toBe(202);
    const { deliveries } = await statusWhen(
      gateway.url,
      idOf(sent),
      ({ deliveries: [one] }) => one?.state === 'AVAILABLE',
    );
    const correlationId = String(sent.headers['x-correlation-id']);
    return { id: idOf(sent), delivery: deliveries[0]?.deliveryId ?? '', messageId: key, correlationId };
  }

  /** All that is told, but the names themselves and what tells of this very answer. */
  function told({ status, headers, text }: HttpAnswer, names: Names): object {
    const { date: _date, connection: _connection, 'keep-alive': _keep, ...others } = headers;
    const { 'x-ratelimit-remaining': _left, 'x-ratelimit-reset': _reset, ...rest } = others;
    let plain = JSON.stringify({ rest, text });
    for (const name of byLength(names)) plain = plain.replaceAll(name, '{name}');
    return { status, plain: timeless(plain.replace(/"content-length":"\d+",?/, '')) };
  }

  const ask = (door: Door, names: Names, as: HttpCall) => {
    const { headers = {}, ...call } = door.call?.(names) ?? {};
    return http(`${gateway.url}${door.path(names)}`, { ...as, ...call, headers: { ...as.headers, ...headers } });
  };

  async function expectTheSame(door: Door, as: HttpCall): Promise<void> {
    const [of, never] = [await ask(door, own, as), await ask(door, STRANGE, as)];
    expect(told(of, own)).toEqual(told(never, STRANGE));
    // What is left of a rate is the caller's own affair: each of its questions takes one at most.
    const [before, after] = [of, never].map(({ headers }) => Number(headers['x-ratelimit-remaining'] ?? 0));
    expect([0, 1]).toContain(before! - after!);
    for (const secret of [SECRET, 'c_i804.', own.delivery])
      expect(of.text.replaceAll(own.correlationId, '').replaceAll(own.delivery, '{name}')).not.toContain(secret);
    expect(of.status).not.toBe(500);
  }

  it.each(SYSTEM_DOORS)('4: another body’s system learns nothing at: $name', (door) =>
    expectTheSame(door, { key: KEYS.raiano }),
  );

  it.each(OPERATOR_DOORS)('4: another body’s operator learns nothing at: $name', (door) =>
    expectTheSame(door, { headers: bearer('raiano') }),
  );

  it('4: a third body’s lists and counts do not change with the messages of others', async () => {
    const counted = async () => {
      const all = ['/admin/messages', '/admin/deliveries', '/admin/dead-letters', '/admin/jobs'];
      const answers = await Promise.all(
        all.map((path) => http(`${gateway.url}${path}`, { headers: bearer('raiano') })),
      );
      return answers.map(({ status, text }) => [status, timeless(text)]);
    };
    const before = await counted();
    await sendOwn('chiave-2');
    expect(await counted()).toEqual(before);
  });

  it('4: the same key of two senders is two messages, and neither hears of the other', async () => {
    const headers = { 'idempotency-key': 'chiave-1' };
    const body = noticeJson(undefined, 'c_h007');
    const other = await http(`${gateway.url}${SEND}`, { key: KEYS.pratola, headers, body });
    expect(other.status).toBe(202);
    expect(idOf(other)).not.toBe(own.id);
    const found = await http(`${gateway.url}/messages?messageId=chiave-1`, { key: KEYS.pratola });
    expect(found.json()).toMatchObject({ id: idOf(other) });
    expect(found.text).not.toContain(own.id);
  });

  it('4: the receiver sees what it received, and not who else', async () => {
    const box = await http(`${gateway.url}/box/messages?max=100`, { key: KEYS.regione });
    expect(box.text).toContain(own.id);
    const others = await http(`${gateway.url}/box/messages?max=100`, { key: KEYS.pratola });
    expect(others.json()).toMatchObject({ messages: [] });
  });

  it('4: what is another’s takes as long as what never was', async () => {
    const timesOf = { own: [] as number[], never: [] as number[] };
    for (let sample = 0; sample < SAMPLES; sample++)
      for (const [kind, id] of [
        ['own', own.id],
        ['never', NEVER],
      ] as const) {
        const start = performance.now();
        await http(`${gateway.url}/messages/${id}`, { key: KEYS.raiano });
        timesOf[kind].push(performance.now() - start);
      }
    const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[SAMPLES / 2] as number;
    const [ours, never] = [median(timesOf.own), median(timesOf.never)];
    console.log(`status of another's message: median ${ours.toFixed(2)} ms, of none ${never.toFixed(2)} ms`);
    expect(Math.abs(ours - never)).toBeLessThan(Math.max(3, never));
  });

  it('4: ids tell the time and nothing else: the rest of each is random', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, at) => sendOwn(`molti-${at}`).then(({ id }) => id)));
    const ends = ids.map((id) => id.slice(-10));
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/.test(id))).toBe(true);
    const steps = ends
      .map((end) => Number.parseInt(end, 16))
      .sort((a, b) => a - b)
      .map((end, at, all) => end - (all[at - 1] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(1_000);
  }, 60_000);

  it('4: contents are given to be kept, not shown: as an attachment, sniffed by nobody', async () => {
    const content = await http(`${gateway.url}/admin/messages/${own.id}/content`, { headers: bearer('platform') });
    expect(content.status).toBe(200);
    expect(content.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    expect(content.headers['content-disposition']).toMatch(/^attachment; filename="[0-9a-f-]{36}"$/);
  });
});
