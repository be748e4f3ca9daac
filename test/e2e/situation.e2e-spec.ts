import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { http, idOf } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { eventually } from '../support/until.js';
import {
  type SituationView,
  type FlowMapView,
  type FlowView,
  type Page,
  type QueueView,
} from '../support/situation-views.js';

const SULMONA_REGION = 'c_i804-r_abruzz-VariazioneAnagrafica';
const SULMONA_PRATOLA = 'c_i804-c_h007-VariazioneAnagrafica';

describe.each(SHAPES)('situation, flows and queues, %s', (_name, lay) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;
  let directory: string;

  beforeAll(async () => {
    ground = await lay();
    pratola = await startReceiver();
    pratola.answerWith((_received, reply) => reply.writeHead(400).end());
    directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json' },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    await expiring(directory);
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    for (let n = 0; n < 4; n++) await send('r_abruzz');
    for (let n = 0; n < 3; n++) await send('c_h007');
    await refused('sulmona', { ...noticeJson('r_abruzz'), testata: {} }, 400);
    await refused('raiano', noticeJson('r_abruzz'), 403);
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await ground.stop();
  }, 60_000);

  /** A token of the region's system that ends in five days. */
  async function expiring(at: string): Promise<void> {
    const file = join(at, 'participants.yaml');
    const expires = new Date(Date.now() + 5.5 * 86_400_000).toISOString();
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/(kind: api-key\n)(\s+)(id: regione\n)/, `$1$2expires: "${expires}"\n$2$3`));
  }

  const post = (key: keyof typeof KEYS, body: object, to: string) =>
    http(`${gateway.url}/rest/${to}/v1/VariazioneAnagrafica/notifiche`, { key: KEYS[key], body });
  const send = async (to: string) => idOf(await post('sulmona', noticeJson(to), to));
  const refused = async (key: keyof typeof KEYS, body: object, status: number) =>
    expect((await post(key, body, 'r_abruzz')).status).toBe(status);
  const get = async <T>(path: string, name: OperatorName = 'platform') => {
    const answer = await http(`${gateway.url}/admin/${path}`, { headers: bearer(name) });
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.json<T>();
  };

  it('1: what needs attention comes first, then the traffic', async () => {
    const found = await eventually(
      () => get<SituationView>('situation?period=1h'),
      ({ totals, attention }) =>
        totals['accepted'] === 7 && totals['failed'] === 3 && attention.some(({ kind }) => kind === 'dead-letters'),
    );
    expect(found.totals).toMatchObject({ accepted: 7, failed: 3, rejected: 2, delivered: 0 });
    expect(found.attention).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'dead-letters', severity: 'critical', entity: 'c_h007', count: 3 }),
        expect.objectContaining({ kind: 'validation-failures', entity: 'c_i804', about: 'schema-violation', count: 1 }),
        expect.objectContaining({ kind: 'refusals', entity: 'c_h166', about: 'not-authorised', count: 1 }),
        expect.objectContaining({ kind: 'credential-expiring', severity: 'critical', entity: 'r_abruzz', count: 5 }),
      ]),
    );
    expect(found.attention[0]).toMatchObject({ severity: 'critical' });
    const traffic = found.traffic.map(({ counts }) => counts['accepted']!);
    expect(traffic.reduce((sum, one) => sum + one, 0)).toBe(7);
    expect(found.queues.at(-1)).toMatchObject({ depth: 4 });
  });

  it('1: a line about refusals leads to the messages that it has counted, and to no others', async () => {
    const { attention } = await get<SituationView>('situation?period=1h');
    const line = attention.find(({ kind }) => kind === 'validation-failures')!;
    expect(line.link).toMatchObject({ page: 'messages', filter: { sender: 'c_i804', fault: 'schema-violation' } });
    const found = await get<Page<object>>(`messages?${new URLSearchParams(line.link.filter).toString()}`);
    expect(found.items).toMatchObject([{ state: 'REJECTED', faultCode: 'schema-violation' }]);
    const { items } = await get<Page<object>>(
      `messages?${new URLSearchParams({ ...line.link.filter, fault: 'not-authorised' }).toString()}`,
    );
    expect(items).toEqual([]);
  });

  it('1: an operator of one body is told of its own only', async () => {
    const raiano = await get<SituationView>('situation?period=1h', 'raiano');
    expect(raiano.totals).toMatchObject({ accepted: 0, rejected: 1, failed: 0 });
    expect(raiano.attention.map(({ kind }) => kind)).toEqual(['refusals']);
    expect(raiano.queues.every(({ depth }) => depth === 0)).toBe(true);
    const centre = await get<SituationView>('situation?period=1h', 'centre');
    expect(centre.totals).toMatchObject({ accepted: 3, failed: 3, rejected: 0 });
    expect(centre.attention.map(({ kind }) => kind)).toEqual(['dead-letters']);
  });

  it('1: one body of the scope is asked for by name', async () => {
    const { totals } = await get<SituationView>('situation?period=1h&entity=c_h007');
    expect(totals).toMatchObject({ accepted: 3, rejected: 0 });
  });

  it('2: each flow has its state, its numbers and what waits', async () => {
    const { items } = await get<Page<FlowView>>('flows?period=1h&entity=c_i804');
    const row = (id: string) => items.find((one) => one.id === id)!;
    expect(row(SULMONA_REGION)).toMatchObject({ state: 'active', waiting: 4, dead: 0, oldestAt: expect.any(String) });
    expect(row(SULMONA_REGION).counts).toMatchObject({ accepted: 4, rejected: 1 });
    expect(row(SULMONA_PRATOLA)).toMatchObject({ waiting: 0, dead: 3, p95: null, lastAt: expect.any(String) });
    const { sparkline } = row(SULMONA_PRATOLA);
    expect([sparkline.length, sparkline.reduce((sum, one) => sum + one, 0)]).toEqual([30, 3]);
  });

  it('3. the flow map has what went between bodies, with its errors, in scope', async () => {
    const { flows, left, names } = await eventually(
      () => get<FlowMapView>('flows/map?period=1h&entity=c_i804'),
      (map) => map.flows.reduce((all, { errors }) => all + errors, 0) === 4,
    );
    const between = (receiver: string) => flows.find((one) => one.sender === 'c_i804' && one.receiver === receiver);
    expect(between('r_abruzz')).toMatchObject({ service: 'VariazioneAnagrafica', count: 5, errors: 1 });
    expect(between('c_h007')).toMatchObject({ count: 3, errors: 3 });
    expect(left).toBe(0);
    expect(names).toMatchObject({ c_i804: 'Comune di Sulmona' });
    const other = await get<FlowMapView>('flows/map?period=1h', 'raiano');
    expect(JSON.stringify(other)).not.toMatch(/c_i804|c_h007/);
  });

  it('2: flows are found by text, state and protocol, page after page, in scope', async () => {
    const ids = async (query: string, name?: OperatorName) =>
      (await get<Page<FlowView>>(`flows?${query}`, name)).items.map(({ id }) => id);
    expect(await ids('text=abruzzo&protocol=box&entity=c_i804')).toContain(SULMONA_REGION);
    expect(await ids('text=pratola&state=active')).toContain(SULMONA_PRATOLA);
    expect(await ids('state=suspended')).toEqual(['c_i804-r_abruzz-PraticaSuap']);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: Page<FlowView> = await get(`flows?limit=2${next && `&after=${next}`}`);
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toEqual(await ids('limit=500'));
    expect(await ids('limit=500', 'raiano')).toEqual(seen.filter((id) => id.includes('c_h166')));
  });

  it('2: a flow whose system is paused says so, and needs attention', async () => {
    const pause = await http(`${gateway.url}/admin/systems/pratola.protocollo/pause`, {
      method: 'POST',
      headers: bearer('platform'),
    });
    expect(pause.status).toBe(200);
    const { items } = await get<Page<FlowView>>('flows?state=paused');
    expect(items.map(({ id }) => id)).toContain(SULMONA_PRATOLA);
    const { attention } = await get<SituationView>('situation', 'sulmona');
    expect(attention).toContainEqual(expect.objectContaining({ kind: 'held-back', system: 'pratola.protocollo' }));
    await http(`${gateway.url}/admin/systems/pratola.protocollo/resume`, {
      method: 'POST',
      headers: bearer('platform'),
    });
  });

  it('5: queues show what waits by state, and the scope sees its own share', async () => {
    const { items } = await get<Page<QueueView>>('queues');
    const of = (all: readonly QueueView[], system: string) => all.find((one) => one.system === system);
    expect(of(items, 'regione.anagrafe')).toMatchObject({ participant: 'r_abruzz', available: 4, depth: 4, dead: 0 });
    expect(of(items, 'pratola.protocollo')).toMatchObject({ depth: 0, dead: 3 });
    const centre = (await get<Page<QueueView>>('queues', 'centre')).items;
    expect(centre.map(({ system }) => system)).toEqual(['pratola.protocollo']);
    const sulmona = (await get<Page<QueueView>>('queues', 'sulmona')).items;
    expect(of(sulmona, 'regione.anagrafe')).toMatchObject({ depth: 4 });
    const { points } = await get<{ points: readonly { depth: number }[] }>('queues/regione.anagrafe/series');
    expect(points.at(-1)).toMatchObject({ depth: 4 });
  });

  interface ReportView {
    readonly columns: readonly { readonly name: string }[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  }
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' }).format(new Date());
  const report = (kind: string, query: string) => `reports/${kind}?from=${today}&to=${today}&${query}`;

  it('7: reports say how much, what became of it, how fast and how available, of the scope', async () => {
    const volumes = await get<ReportView>(report('volumes', 'by=participant'));
    expect(volumes.rows).toContainEqual(['c_i804', 'Comune di Sulmona', 'sender', 7, 0, 1, expect.any(Number)]);
    expect(volumes.rows).toContainEqual([
      'c_h007',
      'Comune di Pratola Peligna',
      'receiver',
      3,
      0,
      0,
      expect.any(Number),
    ]);
    const raiano = await get<ReportView>(report('volumes', 'by=participant'), 'raiano');
    expect(raiano.rows.map(([body]) => body)).toEqual(['c_h166']);
    const outcomes = await get<ReportView>(report('outcomes', 'by=day'));
    expect(outcomes.rows).toMatchObject([[today, 7, 2, 0, 0, 3, 0, 0, 0, 0, 0]]);
    const latency = await get<ReportView>(report('latency', 'by=month'));
    expect(latency.rows).toEqual([[today.slice(0, 7), 0, null, null, null]]);
    const available = await get<ReportView>(report('availability', 'by=service'));
    expect(available.rows).toContainEqual(['VariazioneAnagrafica', 1, 3, 0, 100]);
  });

  it.each([
    ['csv', 'text/csv; charset=utf-8', 'participant,name,'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'PK'],
    ['pdf', 'application/pdf', '%PDF-'],
  ])('7: a report is downloaded as %s', async (format, mediaType, start) => {
    const path = report('outcomes', `by=participant&format=${format}`);
    const answer = await http(`${gateway.url}/admin/${path}`, { headers: bearer('platform') });
    expect([answer.status, answer.headers['content-type'], answer.text.startsWith(start)]).toEqual([
      200,
      mediaType,
      true,
    ]);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="outcomes-participant-${today}-${today}.${format}"`,
    );
  });

  it.each([
    'volumes?from=x&to=2026-01-01',
    'volumes?from=2026-02-30&to=2026-03-01',
    'volumes?from=2020-01-01&to=2026-01-01',
    'nothing?from=2026-01-01&to=2026-01-01',
  ])('7: %s is refused with what is wrong', async (path) => {
    const answer = await http(`${gateway.url}/admin/reports/${path}`, { headers: bearer('platform') });
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([400, 'parameter-wrong']);
  });

  it('7: what was counted stands after kill -9, once', async () => {
    await gateway.kill9();
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    await send('r_abruzz');
    const { totals } = await eventually(
      () => get<SituationView>('situation?period=1h'),
      ({ totals }) => (totals['accepted'] ?? 0) >= 8,
    );
    expect(totals).toMatchObject({ accepted: 8, failed: 3, rejected: 2 });
  }, 60_000);
});
