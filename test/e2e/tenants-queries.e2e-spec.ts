import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { http, type HttpAnswer, type HttpCall } from '../support/client.js';
import { writeCentres } from '../support/fan-out-registry.js';
import { anna, ONE } from '../support/fan-out-stage.js';
import { openLines, type Line } from '../support/ndjson.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { queryStage } from '../support/query-stage.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';
import { keyOf, systemOf, told } from '../support/tenants.js';

const RESIDENTI = '/rest/c_h007/v1/Residenti/residenti';
const agreement = (consumer: string, provider = 'c_h007', more: object = {}): RegistryDocument => ({
  kind: 'agreement',
  id: `${consumer}-${provider}-tenants`,
  consumer,
  provider,
  service: 'Residenti',
  version: 1,
  ...more,
});

/** Who may ask Pratola, beside the region and Raiano: a second system of the region, one that acts for two bodies, a partner that is told little. */
const DOCUMENTS: readonly RegistryDocument[] = [
  systemOf('seconda', 'r_abruzz'),
  { kind: 'participant', id: 'uc_pelig', name: 'Centro servizi', type: 'service-centre' },
  { kind: 'participant', id: 'c_uno', name: 'Comune Uno', type: 'municipality' },
  { kind: 'participant', id: 'c_due', name: 'Comune Due', type: 'municipality' },
  systemOf('centro', 'uc_pelig', { actsFor: ['c_uno', 'c_due'] }),
  agreement('c_uno'),
  agreement('c_due'),
  { kind: 'participant', id: 'ag_stran', name: 'Agenzia', type: 'agency', disclosure: 'minimal' },
  systemOf('straniero', 'ag_stran'),
  agreement('ag_stran', 'c_v1'),
];

/** Of two centres the first has bodies beside, with which the region has no agreement that counts. */
const ALLOWED = ['c_a1', 'c_a2'];
const CENTRES = {
  cst_mixed: [
    ...['c_v1', 'c_v2'].map((id) => ({ id })),
    { id: 'c_x1', agreement: null },
    { id: 'c_x2', agreement: { status: 'suspended' } },
    { id: 'c_x3', agreement: { status: 'revoked' } },
    { id: 'c_x4', agreement: { status: 'requested' } },
    { id: 'c_x5', agreement: { validUntil: '2020-01-01T00:00:00Z' } },
    { id: 'c_x6', agreement: { operations: ['cercaResidenti'] } },
    { id: 'c_x7', agreement: null, answers: false },
  ],
  cst_plain: ALLOWED.map((id) => ({ id })),
  cst_closed: [{ id: 'c_y1', agreement: null }],
};

const FRESH = { 'content-type': 'application/json', 'cache-control': 'max-age=600', etag: '"1"' };

describe.each(SHAPES)('tenants ask, %s', (_name, lay) => {
  const stage = queryStage(lay, async ({ pratola }) => {
    const directory = await writeQueryRegistry({ soap: null, rest: pratola.url, pratola: { cache: true } });
    await writeCentres(directory, pratola.url, CENTRES);
    await writeFile(join(directory, 'tenants.yaml'), DOCUMENTS.map((one) => stringify(one)).join('---\n'));
    return directory;
  });
  const ask = (path: string, call: HttpCall = {}) =>
    http(`${stage.gateway.url}${path}`, { key: KEYS.regione, ...call });
  const read = (id: string, call?: HttpCall) => ask(`${RESIDENTI}/${id}`, call);

  describe('the answers that are kept', () => {
    let asked = 0;
    /** Each question that comes to the provider gets the next name. */
    beforeEach(() => {
      asked = 0;
      stage.pratola.answerWith(({ method }, reply) => {
        if (method !== 'GET' && method !== 'HEAD') return void reply.writeHead(204).end();
        reply.writeHead(200, FRESH).end(JSON.stringify({ nome: `Anna ${++asked}` }));
      });
    });
    const OTHERS: readonly (readonly [who: string, call: HttpCall])[] = [
      ['another body', { key: KEYS.raiano }],
      ['another system of the same body', { key: keyOf('seconda') }],
      ['a system for one body', { key: keyOf('centro'), headers: { 'x-sender': 'c_uno' } }],
      ['the same system for another body', { key: keyOf('centro'), headers: { 'x-sender': 'c_due' } }],
    ];

    it('4: each identity is given its own answer and no other’s, again and again', async () => {
      const all = [{}, ...OTHERS.map(([, call]) => call)];
      const names = [];
      for (const call of all) names.push((await read('A', call)).json()['nome']);
      expect(names).toEqual(all.map((_, at) => `Anna ${at + 1}`));
      const again = await Promise.all(all.map((call) => read('A', call)));
      expect(again.map((one) => one.json()['nome'])).toEqual(names);
      expect(again.map(({ headers }) => headers['cache-status'])).toEqual(
        all.map(() => expect.stringMatching(/^crocevia; hit/)),
      );
      expect(asked).toBe(all.length);
    });

    it.each([
      ['plainly', {}],
      ['with the validator of the other', { 'if-none-match': '"1"' }],
      ['with any validator', { 'if-none-match': '*' }],
      ['with a time', { 'if-modified-since': new Date().toUTCString() }],
      ['for what is kept only', { 'cache-control': 'only-if-cached' }],
      ['for something old', { 'cache-control': 'max-stale=99999' }],
    ] as const)('4: asking %s tells nobody that another has asked the same', async (how, headers) => {
      const id = `B${how.length}`;
      for (const [, call] of OTHERS) {
        const other = { ...call, headers: { ...call.headers, ...headers } };
        await read(`${id}-known`);
        const ofKnown = await read(`${id}-known`, other);
        const before = asked;
        const ofNew = await read(`${id}-new`, other);
        expect(told(ofKnown, [`Anna ${before}`])).toEqual(told(ofNew, [`Anna ${asked}`]));
        expect(ofKnown.headers).not.toHaveProperty('age');
        expect(asked).toBe(before + 1);
      }
    });

    it('4: who may not change a thing drops nobody’s answer by trying to', async () => {
      const first = await read('C');
      const refused = await read('C', { key: KEYS.raiano, method: 'PUT', body: { nome: 'Ugo' } });
      expect([refused.status, refused.json()['code']]).toEqual([403, 'not-authorised']);
      for (const key of [undefined, 'regione.wrong'])
        expect(
          (await http(`${stage.gateway.url}${RESIDENTI}/C`, { ...(key && { key }), method: 'DELETE' })).status,
        ).toBe(401);
      const again = await read('C');
      expect([again.json(), again.headers['cache-status']]).toEqual([first.json(), expect.stringMatching(/hit/)]);
    });

    it('4: an answer is not given on under another agreement, nor once there is none', async () => {
      const first = await read('D', { key: keyOf('centro'), headers: { 'x-sender': 'c_uno' } });
      expect(first.status).toBe(200);
      const own = await read('D', { key: keyOf('centro') });
      expect([own.status, own.headers['cache-status']]).toEqual([403, undefined]);
      const stranger = await read('D', { key: keyOf('straniero') });
      expect([stranger.status, stranger.headers['cache-status']]).toEqual([403, undefined]);
      expect(asked).toBe(1);
    });
  });

  describe('one question to many', () => {
    beforeEach(() => stage.pratola.answerWith((_, reply) => anna(reply)));
    const fanOut = (centre: string) => `/fanout/${centre}/v1/Residenti${ONE}`;
    const all = async (path: string, call: HttpCall = {}) => {
      const lines = await openLines(`${stage.gateway.url}${path}`, { key: KEYS.regione, ...call });
      return { status: lines.status, headers: lines.headers, lines: await lines.rest() };
    };
    /** Lines in the order of their providers, who answer in any; without what is of this very question. */
    const plain = (lines: readonly Line[], names: readonly string[]) =>
      [...lines]
        .map(({ id: _id, ms: _ms, correlationId: _correlation, deadline: _deadline, ...line }) => ({
          ...line,
          ...('provider' in line && { provider: names.indexOf(String(line['provider'])) }),
        }))
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

    it('4: tells of the bodies that an agreement names, and of the others not that there are any', async () => {
      const before = stage.pratola.received.length;
      const [mixed, bare] = [await all(fanOut('cst_mixed')), await all(fanOut('cst_plain'))];
      expect(plain(mixed.lines, ['c_v1', 'c_v2'])).toEqual(plain(bare.lines, ALLOWED));
      expect(mixed.lines[0]).toMatchObject({ providers: 2 });
      expect(mixed.lines.at(-1)).toMatchObject({ asked: 2, answered: 2, failed: 0 });
      expect(JSON.stringify(mixed)).not.toMatch(/c_x\d/);
      expect(stage.pratola.received.length - before).toBe(4);
      const left = (one: typeof mixed) => Number(one.headers['x-ratelimit-remaining']);
      expect(left(mixed) - left(bare)).toBe(1);
    });

    it('4: a wrong sender is one refusal, and no list of who is below', async () => {
      for (const sender of ['c_h166', 'c_v1', 'mai_visto']) {
        const answer = await ask(fanOut('cst_mixed'), { headers: { 'x-sender': sender } });
        expect([answer.status, answer.headers['content-type']]).toEqual([403, expect.stringContaining('problem+json')]);
        expect(answer.json()).toMatchObject({ code: 'sender-mismatch' });
        expect(answer.text).not.toMatch(/c_x\d/);
      }
    });

    it('4: to who is told little, a body that refuses it and one that is not there look the same', async () => {
      const as = { key: keyOf('straniero') };
      const refused = await Promise.all(
        ['c_x1', 'c_x2', 'cst_closed', 'cst_plain'].map(async (name) => told(await ask(fanOut(name), as), [name])),
      );
      const never = told(await ask(fanOut('c_mai'), as), ['c_mai']);
      expect(refused).toEqual(refused.map(() => never));
      const single = async (name: string): Promise<object> =>
        told(await ask(`/rest/${name}/v1/Residenti${ONE}`, as), [name]);
      const singles = await Promise.all(['c_x1', 'c_x7', 'c_h007', 'cst_closed'].map(single));
      expect(singles).toEqual(singles.map(() => singles[0]));
      expect(singles[0]).toEqual(await single('c_mai'));
    });

    it('4: what a consumer was not asked for is found by none of its ids', async () => {
      const { lines } = await all(fanOut('cst_plain'), { headers: { 'x-correlation-id': 'pratica-di-tutti' } });
      const ids = lines.flatMap(({ id }) => (typeof id === 'string' ? id : []));
      expect(ids).toHaveLength(2);
      const look = (id: string, key: string) => ask(`/messages/${id}`, { key });
      const of = (answer: HttpAnswer, id: string) => told(answer, [id]);
      for (const id of [...ids, 'pratica-di-tutti'])
        for (const key of [KEYS.raiano, keyOf('centro'), keyOf('straniero')])
          expect(of(await look(id, key), id)).toEqual(of(await look('mai', key), 'mai'));
    });
  });
});
