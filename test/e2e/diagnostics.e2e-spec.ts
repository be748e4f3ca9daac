import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { http, idOf, statusWhen } from '../support/client.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, writeOperators } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { embedded, type Ground } from '../support/shapes.js';
import { eventually } from '../support/until.js';

const CANARY = 'canarino';
const DOOR = '/admin/system/diagnostics';

interface DiagnosticsView {
  readonly settings: Readonly<Record<string, string | null>>;
  readonly notReady: string | null;
  readonly registry: { readonly problems: readonly { readonly file: string }[] };
  readonly queues: readonly { readonly system: string; readonly dead: number }[];
  readonly deadLetters: readonly { readonly fault: string; readonly count: number }[];
  readonly metrics: readonly string[];
}

describe('diagnostics', () => {
  let ground: Ground;
  let gateway: RunningGateway;
  let pratola: Receiver;
  let sent: string;

  beforeAll(async () => {
    ground = await embedded();
    pratola = await startReceiver();
    pratola.answerWith((_received, reply) => reply.writeHead(400).end(`${CANARY}: Mario Rossi`));
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json', headers: { 'x-secret': `${CANARY}-header` } },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_SMTP_URL: `smtp://posta:${CANARY}-smtp@127.0.0.1:1`,
      CROCEVIA_ALERT_FROM: `${CANARY}@crocevia.example`,
      CROCEVIA_ALERT_TO: `${CANARY}-to@crocevia.example`,
      CROCEVIA_ALERT_WEBHOOK: `http://127.0.0.1:1/${CANARY}-webhook`,
      REGIONE_PASSWORD: `${CANARY}-environment`,
    });
    const body = JSON.stringify(noticeJson('c_h007')).replace('Rossi', `${CANARY}-cognome`);
    const url = `${gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    const headers = {
      'x-api-key': KEYS.sulmona,
      'content-type': 'application/json',
      'idempotency-key': `${CANARY}-id`,
    };
    sent = idOf(await http(url, { method: 'POST', headers, body }));
    await statusWhen(gateway.url, sent, ({ state }) => state === 'PARTIALLY_FAILED');
    const note = { note: `${CANARY}-note` };
    await http(`${gateway.url}/admin/messages/${sent}/notes`, { headers: bearer('platform'), body: note });
    await writeFile(join(directory, 'wrong.yaml'), `kind: participant\nid: "${CANARY}-id"\nname: [${CANARY}-yaml\n`);
  }, 120_000);
  afterAll(async () => {
    await gateway.stop();
    await Promise.all([pratola.stop(), ground.stop()]);
  }, 60_000);

  const take = () => http(`${gateway.url}${DOOR}`, { headers: bearer('platform') });

  it('7.16: has what a support case needs', async () => {
    const { text, headers } = await eventually(take, ({ text }) => {
      const { registry, queues } = JSON.parse(text) as DiagnosticsView;
      return registry.problems.length > 0 && queues.some(({ dead }) => dead === 1);
    });
    const seen = JSON.parse(text) as DiagnosticsView;
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="crocevia-diagnostics-2\d{3}-\d\d-\d\d\.json"$/,
    );
    expect(seen).toMatchObject({ format: 'crocevia-diagnostics-1', notReady: null, node: { store: 'pglite' } });
    expect(seen.settings).toMatchObject({ CROCEVIA_SMTP_URL: null, CROCEVIA_LOG_LEVEL: 'info' });
    expect(seen.deadLetters).toMatchObject([{ fault: 'receiver-refused', system: 'pratola.protocollo', count: 1 }]);
    expect(seen.registry.problems[0]?.file).toContain('wrong.yaml');
    expect(seen.metrics.some((line) => line.startsWith('crocevia_ready 1'))).toBe(true);
  }, 60_000);

  it('7.16: holds no content, no credential and nobody’s name', async () => {
    const { text } = await take();
    expect(text).not.toContain(CANARY);
    expect(text).not.toMatch(/Rossi|Mario|RSSMRA|scrypt\$|Operator /);
    for (const secret of [ADMIN_TOKEN, KEYS.sulmona, KEYS.sulmona.split('.')[1]!, sent])
      expect(text).not.toContain(secret);
  });

  it('7.16: that it was taken stands in the audit', async () => {
    await take();
    const { items } = (
      await http(`${gateway.url}/admin/audit?event=diagnostics.taken`, { headers: bearer('platform') })
    ).json<{ items: readonly object[] }>();
    expect(items[0]).toMatchObject({ event: 'diagnostics.taken', operator: 'platform', participants: null });
  });

  it('10: the command writes it', async () => {
    const args = ['dist/cli/crocevia.js', '--url', gateway.url, '--token', ADMIN_TOKEN, 'diagnostics'];
    const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'] } });
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(JSON.parse(out)).toMatchObject({ format: 'crocevia-diagnostics-1' });
  });
});
