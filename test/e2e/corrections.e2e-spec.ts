import { rm } from 'node:fs/promises';
import { http, idOf, statusWhen, type HttpCall } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { envelope, noticeJson, SOAP11_HEADERS } from '../support/messages.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';

interface CorrectionView {
  readonly id: string;
  readonly state: string;
  readonly sentAs: string | null;
}
interface Outcome {
  readonly correction: CorrectionView | null;
  readonly faults: readonly { readonly code: string }[];
}

describe('edited copies of messages, embedded', () => {
  let gateway: RunningGateway;
  let pratola: Receiver;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    pratola = await startReceiver();
    const directory = await writeRegistry({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json' },
      regione: { channel: 'box' },
    });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await pratola.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const as = (name: OperatorName, path: string, call: Omit<HttpCall, 'key'> = {}) =>
    http(`${gateway.url}/admin/${path}`, { ...call, headers: bearer(name) });
  /** What its receiver has refused, over REST or SOAP. */
  const refused = async (over: 'rest' | 'soap') => {
    pratola.answerWith((_received, reply) => reply.writeHead(400).end('{"causa":"data errata"}'));
    const sent =
      over === 'rest'
        ? { path: 'rest/c_h007/v1/VariazioneAnagrafica/notifiche', body: noticeJson('c_h007'), headers: {} }
        : { path: 'soap/c_h007/v1/VariazioneAnagrafica', body: envelope(), headers: SOAP11_HEADERS };
    const { path, ...call } = sent;
    const id = idOf(await http(`${gateway.url}/${path}`, { key: KEYS.sulmona, ...call }));
    await statusWhen(gateway.url, id, ({ state }) => state === 'PARTIALLY_FAILED');
    pratola.answerWith((_received, reply) => reply.writeHead(200).end());
    return id;
  };
  const draft = async (id: string) =>
    (await as('platform', `messages/${id}/correction-draft`)).json<{ text: string; type: string }>();
  const propose = (name: OperatorName, id: string, text: string) =>
    as(name, `messages/${id}/corrections`, { body: { text, reason: 'wrong date of birth' } });
  const proposed = async (id: string, text: string) => {
    const answer = await propose('region', id, text);
    expect([answer.status, answer.json()]).toMatchObject([201, { correction: { state: 'PROPOSED' }, faults: [] }]);
    return answer.json<Outcome>().correction!.id;
  };
  const decide = (name: OperatorName, id: string, how: string, body: object = {}) =>
    as(name, `corrections/${id}/${how}`, { method: 'POST', body });

  it.each(['rest', 'soap'] as const)(
    '5: over %s: edited by one, approved by another, sent under a new id',
    async (over) => {
      const original = await refused(over);
      const { text } = await draft(original);
      const edited = text.replace(/\bVerdi\b|\bROSSI\b|\bRossi\b|\bBianchi\b/, 'Corretti');
      const id = await proposed(original, edited);
      const before = pratola.received.length;
      expect((await as('region', `corrections/${id}/content`)).json()).toMatchObject({ text: edited });
      expect((await decide('region', id, 'approve')).json()).toMatchObject({
        status: 403,
        code: 'operator-not-allowed',
      });
      expect(pratola.received.length).toBe(before);
      const decided = await decide('platform', id, 'approve', { reason: 'seen' });
      expect([decided.status, decided.json()]).toMatchObject([
        200,
        { state: 'SENT', decidedBy: 'platform', decisionReason: 'seen', sentAs: expect.any(String), fault: null },
      ]);
      const { sentAs } = decided.json<CorrectionView>();
      expect(sentAs).not.toBe(original);
      await statusWhen(gateway.url, sentAs!, ({ state }) => state === 'COMPLETED');
      expect(pratola.received.length).toBe(before + 1);
      const [first, copy] = await Promise.all(
        [original, sentAs!].map((one) => statusWhen(gateway.url, one, () => true)),
      );
      expect([first!.state, copy!.state]).toEqual(['PARTIALLY_FAILED', 'COMPLETED']);
      for (const one of [original, sentAs!]) {
        const { entries } = (await as('region', `messages/${one}/timeline`)).json<{
          entries: readonly { event: string }[];
        }>();
        expect(entries.map(({ event }) => event)).toContain('message.corrected');
        const own = await http(`${gateway.url}/messages/${one}/timeline`, { key: KEYS.sulmona });
        expect([own.status, own.text.includes('message.corrected')]).toEqual([200, false]);
      }
      expect((await decide('platform', id, 'approve')).json()).toMatchObject({
        status: 409,
        code: 'correction-state-wrong',
      });
      expect((await as('platform', `corrections/${id}/content`)).json()).toMatchObject({ code: 'content-purged' });
      const audit = (await as('auditor', `audit?subject=${id}`)).json<{
        items: { event: string; operator: string }[];
      }>();
      expect(audit.items.map(({ event, operator }) => [event, operator])).toEqual([
        ['correction.approved', 'platform'],
        ['content.viewed', 'region'],
        ['correction.proposed', 'region'],
      ]);
    },
  );

  it('5: the draft has an id of its own; who keeps the old one is told', async () => {
    const original = await refused('soap');
    const { messageId } = (await as('region', `messages/${original}`)).json<{ messageId: string }>();
    const { text } = await draft(original);
    expect(text).not.toContain(messageId);
    expect(/MessageID[^>]*>(urn:uuid:[0-9a-f-]{36})</.exec(text)).not.toBeNull();
    const same = text.replace(/(MessageID[^>]*>)[^<]*/, `$1${messageId}`);
    expect((await propose('region', original, same)).json()).toMatchObject({
      status: 409,
      code: 'correction-impossible',
      place: 'text',
      detail: expect.stringContaining(messageId),
    });
  });

  it('5: what would be refused is told at once, with its line, and nothing is kept', async () => {
    const original = await refused('soap');
    const { text } = await draft(original);
    const broken = text.replace(/<((?:\w+:)?codiceIpaMittente)>[^<]*</, '<$1>nessuno di questi<');
    expect(broken).not.toBe(text);
    const count = async () => (await as('platform', 'corrections')).json<{ items: unknown[] }>().items.length;
    const before = await count();
    const answer = await propose('region', original, broken);
    expect([answer.status, answer.json()]).toMatchObject([200, { correction: null }]);
    expect(answer.json<Outcome>().faults.length).toBeGreaterThan(0);
    expect(await count()).toBe(before);
  });

  it('5: what is written in other characters than UTF-8 has no draft, and no copy', async () => {
    pratola.answerWith((_received, reply) => reply.writeHead(400).end());
    const body = Buffer.from(envelope().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"'), 'latin1');
    const headers = { ...SOAP11_HEADERS, 'content-type': 'text/xml; charset=iso-8859-1' };
    const to = `${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`;
    const original = idOf(await http(to, { key: KEYS.sulmona, headers, body }));
    await statusWhen(gateway.url, original, ({ state }) => state === 'PARTIALLY_FAILED');
    for (const told of [
      await as('region', `messages/${original}/correction-draft`),
      await propose('region', original, envelope()),
    ])
      expect(told.json()).toMatchObject({ status: 409, code: 'correction-impossible', expected: 'a message in UTF-8' });
  });

  it('5: of two who approve at once one sends it', async () => {
    const original = await refused('rest');
    const id = await proposed(original, (await draft(original)).text);
    const before = pratola.received.length;
    const decided = await Promise.all(['platform', 'platform'].map(() => decide('platform', id, 'approve')));
    expect(decided.map(({ status }) => status).sort()).toEqual([200, 409]);
    const sent = decided.find(({ status }) => status === 200)!.json<CorrectionView>();
    await statusWhen(gateway.url, sent.sentAs!, ({ state }) => state === 'COMPLETED');
    expect(pratola.received.length).toBe(before + 1);
  });

  it('5: rejected it is not sent, and who has written it may withdraw it', async () => {
    const original = await refused('rest');
    const { text } = await draft(original);
    for (const name of ['platform', 'region'] as const) {
      const id = await proposed(original, text);
      expect((await decide(name, id, 'reject')).json()).toMatchObject({ code: 'parameter-wrong', place: 'reason' });
      expect((await decide(name, id, 'reject', { reason: 'no' })).json()).toMatchObject({ state: 'REJECTED' });
      expect((await decide('platform', id, 'approve')).json()).toMatchObject({ code: 'correction-state-wrong' });
    }
  });

  it('5: 4: only who looks after the sender sees, writes or decides it', async () => {
    const original = await refused('rest');
    const id = await proposed(original, (await draft(original)).text);
    // The centre looks after the receiver: it sees the message, and may not speak for its sender.
    expect((await propose('centre', original, '{}')).json()).toMatchObject({ code: 'operator-not-allowed' });
    expect((await as('centre', `messages/${original}/correction-draft`)).json()).toMatchObject({
      code: 'operator-not-allowed',
    });
    for (const path of ['', '/content']) {
      const told = (await as('centre', `corrections/${id}${path}`)).json();
      expect(told).toMatchObject({ status: 404, code: 'correction-unknown' });
    }
    for (const how of ['approve', 'reject'])
      expect((await decide('centre', id, how, { reason: 'x' })).json()).toMatchObject({ code: 'correction-unknown' });
    expect((await as('centre', 'corrections')).json()).toMatchObject({ items: [] });
    expect((await as('region', 'corrections')).json()).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id })]),
    });
    expect((await as('sulmona', 'corrections')).status).toBe(403);
  });
});
