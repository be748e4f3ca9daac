import { readFileSync } from 'node:fs';
import { METRIC_GROUPS, type MetricRow } from '../../src/trace/metric-table.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { scrape } from '../support/metrics.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const SERVICE = { service: 'VariazioneAnagrafica' };
const TABLE = new Map<string, MetricRow>(Object.values(METRIC_GROUPS).flatMap((group) => Object.entries(group)));

describe.each(SHAPES)('8. metrics, %s', (_shape, start) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let receiver: Receiver;

  beforeAll(async () => {
    [ground, receiver] = await Promise.all([start(), startReceiver()]);
    const directory = await writeRegistry({
      pratola: { channel: 'box' },
      regione: { channel: 'push-rest', url: receiver.url, shape: 'json' },
    });
    gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);

  afterAll(async () => {
    await gateway.stop();
    await receiver.stop();
    await ground.stop();
  }, 60_000);

  const send = (body: object = noticeJson('r_abruzz')) => http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body });

  it('8. a scrape has the metrics of the table, all of them and no other, of their kinds and labels', async () => {
    const { families, samples } = await scrape(gateway);
    expect(Object.fromEntries(families)).toEqual(
      Object.fromEntries([...TABLE].map(([name, { kind }]) => [name, kind])),
    );
    const wrong = samples.filter(({ name, labels }) => {
      const row = TABLE.get(name) ?? TABLE.get(name.replace(/_(bucket|sum|count)$/, ''));
      const known = [...Object.keys(row?.labels ?? {}), ...(row?.kind === 'histogram' ? ['le'] : [])];
      return row === undefined || Object.keys(labels).some((label) => !known.includes(label));
    });
    expect(wrong).toEqual([]);
    console.log(`${families.size} metrics, ${samples.length} series at the start`);
  });

  it('8. counts what is accepted, refused and delivered by service, and what it weighs and takes', async () => {
    const before = await scrape(gateway);
    const id = idOf(await send());
    await send({ is: 'wrong' });
    await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED');
    const after = await scrape(gateway);
    const grown = (name: string, labels = {}) => after.sum(name, labels) - before.sum(name, labels);
    expect({
      accepted: grown('crocevia_accepted_total', SERVICE),
      rejected: grown('crocevia_rejected_total', SERVICE),
      fault: grown('crocevia_faults_total', { code: 'schema-violation', blame: 'sender' }),
      delivered: grown('crocevia_deliveries_ended_total', { ...SERVICE, outcome: 'delivered' }),
      attempts: grown('crocevia_attempt_seconds_count'),
      acceptance: grown('crocevia_acceptance_seconds_count'),
      delivery: grown('crocevia_delivery_seconds_count', SERVICE),
      sizes: grown('crocevia_message_bytes_count'),
    }).toEqual({
      accepted: 1,
      rejected: 1,
      fault: 1,
      delivered: 1,
      attempts: 1,
      acceptance: 1,
      delivery: 1,
      sizes: 1,
    });
    expect(grown('crocevia_payload_bytes_total', SERVICE)).toBe(JSON.stringify(noticeJson('r_abruzz')).length);
    const took = grown('crocevia_delivery_seconds_sum', SERVICE);
    expect([took >= 0, took < 20]).toEqual([true, true]);
  });

  it('8. a stranger’s names make no series', async () => {
    const before = await scrape(gateway);
    for (let n = 0; n < 20; n++)
      await http(`${gateway.url}/rest/r_abruzz/v1/Invented${n}/x`, { key: KEYS.sulmona, body: {} });
    const after = await scrape(gateway);
    expect(after.sum('crocevia_rejected_total', { service: 'other' })).toBe(
      before.sum('crocevia_rejected_total', { service: 'other' }) + 20,
    );
    expect(after.samples.filter(({ labels }) => labels['service']?.startsWith('Invented'))).toEqual([]);
  });

  it('8. the state of the node and the ledger is as it is', async () => {
    const { sum, samples } = await scrape(gateway);
    expect(sum('crocevia_ready')).toBe(1);
    expect(sum('crocevia_draining')).toBe(0);
    expect(sum('crocevia_broker_connected')).toBe(1);
    expect(sum('crocevia_pool_connections', { state: 'total' })).toBeGreaterThan(0);
    expect(sum('crocevia_database_bytes')).toBeGreaterThan(1_000_000);
    const states = samples
      .filter(({ name }) => name === 'crocevia_deliveries_open')
      .map(({ labels }) => labels['state']);
    expect(states.sort()).toEqual(['AVAILABLE', 'DELIVERING', 'QUEUED', 'SUSPENDED', 'WAITING_RETRY']);
  });
});

describe('8. the dashboard', () => {
  interface Panel {
    readonly type: string;
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }
  const { panels } = JSON.parse(readFileSync('docs/grafana/crocevia.json', 'utf8')) as { panels: readonly Panel[] };
  const expressions = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

  /** Names of metrics: what is neither a function, a keyword, a label nor a text (Prometheus, "Query language basics"). */
  const metricsIn = (expression: string) =>
    [
      ...expression
        .replace(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]/g, ' ')
        .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
        .matchAll(/\b[a-zA-Z_:][\w:]*\b(?!\s*\()/g),
    ]
      .map(([name]) => name)
      .filter((name) => !['and', 'or', 'unless', 'sum', 'max', 'min', 'count', 'bool', 'offset'].includes(name));

  const isKnown = (name: string) => {
    const family = name.replace(/_(bucket|sum|count)$/, '');
    return TABLE.has(name) || TABLE.get(family)?.kind === 'histogram';
  };

  it.each(expressions)('8. %s: %s', (_title, expression) => {
    expect(metricsIn(expression).length).toBeGreaterThan(0);
    expect(metricsIn(expression).filter((name) => !isKnown(name))).toEqual([]);
  });

  it('8. would notice a metric that there is not', () => {
    expect(metricsIn('sum by (service) (rate(crocevia_invented_total{a="b"}[5m])) / crocevia_ready')).toEqual([
      'crocevia_invented_total',
      'crocevia_ready',
    ]);
    expect(isKnown('crocevia_invented_total')).toBe(false);
    expect(expressions.length).toBeGreaterThan(30);
  });

  it('8. shows every metric of the ledger, and all panels but rows have an expression', () => {
    const shown = new Set(expressions.flatMap(([, expression]) => metricsIn(expression)));
    expect(Object.keys(METRIC_GROUPS['State of the ledger']).filter((name) => !shown.has(name))).toEqual([]);
    expect(panels.filter(({ type, targets = [] }) => type !== 'row' && targets.length === 0)).toEqual([]);
  });
});
