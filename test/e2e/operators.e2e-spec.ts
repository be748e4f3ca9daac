import { request as open } from 'node:http';
import { rm } from 'node:fs/promises';
import { request } from 'undici';
import { http, idOf, statusWhen, type StatusView } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { bearer, SULMONA_SECOND, TOKENS, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const NAMES = Object.keys(TOKENS) as OperatorName[];
const SECRET = 'Rossi Mario non risulta residente';

/** Method and path -> operator -> status. */
const DOORS: Readonly<Record<string, Readonly<Record<OperatorName, number>>>> = {
  'GET /admin/node': row(200, 403, 403, 403, 403, 200, 200),
  'GET /admin/metrics': row(200, 403, 403, 403, 403, 200, 200),
  'GET /admin/system': row(200, 403, 403, 403, 403, 200, 200),
  'GET /admin/system/history': row(200, 403, 403, 403, 403, 200, 200),
  'GET /admin/system/diagnostics': row(200, 403, 403, 403, 403, 403, 403),
  'GET /admin/maintenance': row(200, 200, 200, 200, 200, 200, 200),
  // Without a reason: 400.
  'PUT /admin/maintenance': row(400, 403, 403, 403, 403, 403, 403),
  'DELETE /admin/maintenance?reason=x': row(200, 403, 403, 403, 403, 403, 403),
  'GET /admin/messages': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/messages/export': row(200, 200, 200, 200, 200, 200, 200),
  // Where it is allowed, there is no such message: 404.
  'GET /admin/messages/nothing/deliveries/nothing/content': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/messages/nothing/notes': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/messages/nothing/retry?reason=x': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/messages/nothing/cancel?reason=x': row(404, 404, 404, 403, 403, 403, 403),
  'GET /admin/deliveries': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/dead-letters': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/situation': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/flows': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/flows/map': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/queues': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/queues/nothing/series': row(404, 404, 404, 404, 404, 404, 404),
  'POST /admin/queues/nothing/release?reason=x': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/queues/nothing/priority?reason=x&priority=9': row(404, 404, 404, 404, 404, 403, 403),
  'GET /admin/corrections': row(200, 200, 200, 403, 403, 403, 403),
  'GET /admin/corrections/nothing': row(404, 404, 404, 403, 403, 403, 403),
  'GET /admin/messages/nothing/correction-draft': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/corrections/nothing/approve': row(404, 404, 404, 403, 403, 403, 403),
  'GET /admin/certificates': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/certificates/own': row(200, 403, 403, 403, 403, 200, 200),
  'GET /admin/report-schedules': row(200, 200, 200, 200, 200, 403, 403),
  'DELETE /admin/report-schedules/nothing': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/report-schedules/nothing/send': row(404, 404, 404, 404, 404, 403, 403),
  'GET /admin/reports/volumes?from=2026-11-01&to=2026-11-30': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/alerts': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/alerts/rules': row(200, 200, 200, 200, 200, 200, 200),
  'POST /admin/systems/nothing/test-messages?service=x&version=1': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/systems/nothing/api-keys': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/systems/nothing/certificates/check': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/systems/nothing/certificates?reason=x': row(404, 404, 404, 403, 403, 403, 403),
  'DELETE /admin/systems/nothing/certificates/00?reason=x': row(404, 404, 404, 403, 403, 403, 403),
  'GET /admin/directory?text=sulmona': row(200, 200, 200, 200, 200, 200, 200),
  'POST /admin/systems/nothing/connectivity': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/participants/c_nobody/suspend?reason=x': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/alerts/nothing/acknowledge': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/alerts/nothing/silence?minutes=5': row(404, 404, 404, 404, 404, 403, 403),
  'POST /admin/alerts/channels/test': row(200, 403, 403, 403, 403, 403, 403),
  'GET /admin/jobs': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/jobs/nothing': row(404, 404, 404, 404, 404, 404, 404),
  'GET /admin/jobs/nothing/items': row(404, 404, 404, 404, 404, 404, 404),
  // Without a body the order has no action: 400.
  'POST /admin/jobs/preview': row(400, 400, 400, 400, 400, 400, 400),
  'POST /admin/jobs': row(400, 400, 400, 403, 403, 403, 403),
  'POST /admin/jobs/nothing/pause': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/jobs/nothing/resume': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/jobs/nothing/cancel': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/jobs/nothing/rate?rate=5': row(404, 404, 404, 403, 403, 403, 403),
  'POST /admin/keys/rotate': row(200, 403, 403, 403, 403, 403, 403),
  'GET /admin/services/VariazioneAnagrafica/versions/1': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/services/VariazioneAnagrafica/versions/1/file?path=nothing': row(404, 404, 404, 404, 404, 404, 404),
  'GET /admin/session/filters': row(200, 200, 200, 200, 200, 200, 200),
  // Without filters: 400.
  'PUT /admin/session/filters/messages': row(400, 400, 400, 400, 400, 400, 400),
  'GET /admin/operators': row(200, 403, 403, 403, 403, 403, 403),
  'GET /admin/roles': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/routes?system=raiano.anagrafe': row(200, 200, 404, 404, 200, 200, 200),
  'GET /admin/registry': row(200, 200, 200, 200, 200, 200, 200),
  'GET /admin/registry/documents/participant/c_i804/text': row(200, 200, 404, 200, 404, 200, 404),
  'GET /admin/registry/documents/participant/c_i804/file': row(200, 200, 404, 200, 404, 200, 404),
  'GET /admin/registry/documents/participant/c_i804/history': row(200, 200, 200, 200, 200, 200, 200),
  // Without a text: 400.
  'POST /admin/registry/documents/participant/c_i804/check': row(400, 400, 400, 403, 403, 403, 403),
  'POST /admin/registry/reload': row(200, 403, 403, 403, 403, 403, 403),
  // Where it is allowed, the answer is that this system has no RabbitMQ user in the registry: 400.
  'POST /admin/broker/grants/sulmona.anagrafe': row(400, 400, 403, 403, 403, 403, 403),
  'POST /admin/broker/grants/nobody': row(400, 403, 403, 403, 403, 403, 403),
};

function row(...statuses: readonly number[]) {
  return Object.fromEntries(NAMES.map((name, at) => [name, statuses[at]])) as Record<OperatorName, number>;
}

interface Page {
  readonly items: readonly StatusView[];
  readonly next: string | null;
}

describe('operators, embedded', () => {
  let gateway: RunningGateway;
  let pratola: Receiver;
  let directory: string;
  let data: string;
  /** Sulmona to the region; Sulmona to Pratola, which refuses it; Raiano to the region, without an agreement. */
  let sent: Readonly<Record<'region' | 'pratola' | 'raiano', string>>;

  beforeAll(async () => {
    data = await dataDirectory();
    pratola = await startReceiver();
    pratola.answerWith((_received, reply) => reply.writeHead(400, { 'content-type': 'text/plain' }).end(SECRET));
    directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json' },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
    sent = {
      region: await send('sulmona', 'r_abruzz'),
      pratola: await send('sulmona', 'c_h007'),
      raiano: await refuse(),
    };
    await statusWhen(gateway.url, sent.pratola, ({ state }) => state === 'PARTIALLY_FAILED');
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const post = (key: keyof typeof KEYS, body: object, to: string) =>
    http(`${gateway.url}/rest/${to}/v1/VariazioneAnagrafica/notifiche`, { key: KEYS[key], body });
  const send = async (key: keyof typeof KEYS, to: string) => idOf(await post(key, noticeJson(to), to));
  const refuse = async () => {
    const answer = await post('raiano', noticeJson('r_abruzz'), 'r_abruzz');
    expect(answer.status).toBe(403);
    return answer.headers['x-gateway-id'] as string;
  };
  const get = (path: string, name: OperatorName) => http(`${gateway.url}${path}`, { headers: bearer(name) });

  /** Operator -> the messages in its scope. */
  const scopes = (): Readonly<Record<OperatorName, readonly string[]>> => ({
    platform: [sent.region, sent.pratola, sent.raiano],
    region: [sent.region, sent.pratola, sent.raiano],
    centre: [sent.pratola],
    sulmona: [sent.region, sent.pratola],
    raiano: [sent.raiano],
    auditor: [sent.region, sent.pratola, sent.raiano],
    'auditor-raiano': [sent.raiano],
  });

  it.each(Object.entries(DOORS).flatMap(([door, row]) => NAMES.map((name) => [name, door, row[name]] as const)))(
    '6: %s, %s: %i',
    async (name, door, status) => {
      const [method, path] = door.split(' ') as ['GET' | 'POST', string];
      const answer = await http(`${gateway.url}${path}`, { method, headers: bearer(name) });
      expect(answer.status).toBe(status);
      if (status === 403) expect(answer.json()).toMatchObject({ status, code: 'operator-not-allowed' });
    },
  );

  it.each(NAMES)('6: %s lists the messages of its scope, page after page', async (name) => {
    const expected = scopes()[name].toSorted().toReversed();
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const page: Page = (await get(`/admin/messages?limit=1${next ? `&before=${next}` : ''}`, name)).json<Page>();
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
    } while (next !== null);
    expect(seen).toEqual(expected);
  });

  it.each(NAMES)('6: %s finds no message out of its scope, by any id', async (name) => {
    for (const id of Object.values(sent)) {
      const status = scopes()[name].includes(id) ? 200 : 404;
      const messageId = (await get(`/admin/messages/${id}`, 'platform')).json<{ messageId: string | null }>().messageId;
      for (const path of [id, `${id}/timeline`, ...(messageId ? [encodeURIComponent(messageId)] : [])])
        expect([path, (await get(`/admin/messages/${path}`, name)).status]).toEqual([path, status]);
      const { items } = (await get(`/admin/messages?text=${id}`, name)).json<Page>();
      expect(items.length).toBe(status === 200 ? 1 : 0);
    }
    expect((await get('/admin/messages/nothing', name)).json()).toMatchObject({
      code: 'message-unknown',
      detail: 'No message "nothing".',
    });
  });

  it.each([
    ['centre', true],
    ['auditor', false],
  ] as const)('6: %s sees what the receiver answered: %s', async (name, shown) => {
    const path = `/admin/messages/${sent.pratola}`;
    const answers = [await get(path, name), await get(`${path}/timeline`, name)];
    for (const { text } of answers) expect(text.includes(SECRET)).toBe(shown);
    expect(answers[0]?.text).toContain('receiver-refused');
  });

  it.each(NAMES)(
    '8: %s reads what a message of its scope carried where it may, and the journal says so',
    async (name) => {
      const mayRead = !name.startsWith('auditor');
      for (const id of [sent.region, sent.pratola]) {
        const status = mayRead ? (scopes()[name].includes(id) ? 200 : 404) : 403;
        const answer = await get(`/admin/messages/${id}/content`, name);
        expect([id, answer.status]).toEqual([id, status]);
        if (status !== 200) continue;
        expect([answer.text.includes('testata'), answer.headers['content-disposition']]).toEqual([
          true,
          `attachment; filename="${id}"`,
        ]);
        const timeline = await get(`/admin/messages/${id}/timeline`, 'platform');
        const { entries } = timeline.json<{ entries: { event: string; by: string }[] }>();
        expect(entries.at(-1)).toMatchObject({ event: 'message.viewed', by: expect.stringMatching(/^operator:/) });
      }
    },
  );

  it('6: the wrong documents of the registry are told to those who see every participant', async () => {
    expect((await get('/admin/registry', 'auditor')).json()).toHaveProperty('problems', []);
    expect((await get('/admin/registry', 'region')).json()).not.toHaveProperty('problems');
  });

  it.each([
    ['/admin/services', 401],
    ['/admin/registry/apply', 401],
    ['/admin/agreements', 401],
    ['/nothing', 404],
  ])('6: reads no body of a stranger at %s', async (path, status) => {
    expect(await answerBeforeBody(`${gateway.url}${path}`)).toBe(status);
  });

  it('6: either token of an operator lets it in', async () => {
    const headers = { authorization: `Bearer ${SULMONA_SECOND}` };
    expect((await http(`${gateway.url}/admin/messages`, { headers })).status).toBe(200);
  });

  it.each([{}, { authorization: 'Bearer sulmona-1.wrong' }, { authorization: 'Bearer nobody.secret' }])(
    '6: %j is told to prove who it is',
    async (headers) => {
      const answer = await http(`${gateway.url}/admin/messages`, { headers });
      expect(answer.json()).toMatchObject({ status: 401, code: 'operator-unknown' });
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    },
  );

  it('6: events are those of the scope, and end when the operator is taken out of the registry', async () => {
    const stream = await request(`${gateway.url}/admin/events?after=0`, { headers: bearer('raiano'), bodyTimeout: 0 });
    const seen = new Set<string>();
    let last = '';
    for await (const chunk of stream.body) {
      for (const [, id] of String(chunk).matchAll(/"messageId":"([^"]+)"/g)) seen.add(id as string);
      if (seen.has(last)) await writeOperators(directory, 'raiano');
      else if (last === '') {
        await send('sulmona', 'r_abruzz');
        last = await refuse();
      }
    }
    expect([...seen]).toEqual([sent.raiano, last]);
    expect((await get('/admin/messages', 'raiano')).status).toBe(401);
  }, 30_000);
});

/** The status of the answer to a request whose body does not come to an end. */
function answerBeforeBody(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = open(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '999' },
    });
    sent.on('response', ({ statusCode }) => {
      resolve(statusCode);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.write('{');
  });
}
