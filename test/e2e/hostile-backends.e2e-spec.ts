import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer as createTcp, type Server as TcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls, type Server as TlsServer, type TlsOptions } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { certificateAuthority, type Authority } from '../support/certificates.js';
import { http, idOf } from '../support/client.js';
import type { HostileCase } from '../support/hostile.js';
import { hostileCases } from '../support/hostile-cases.js';
import { noticeJson } from '../support/messages.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, asOperator, queryStage, say, type Asked } from '../support/query-stage.js';
import { INTERNALS } from '../support/refusals.js';
import { KEYS } from '../support/registry.js';
import { embedded } from '../support/shapes.js';
import { ANSWERED, ASKED, askedJsonOf, envelope, SOAP_HEADERS } from '../support/tax-query.js';
import { dearest, expectWithin, watched, type CaseCost } from '../support/undisturbed.js';
import { until } from '../support/until.js';

const { directory, rows, cases, counts } = hostileCases('backends');
const SOAP_TYPE = 'text/xml; charset=utf-8';
const GOOD = envelope(ANSWERED);

/** What one who asks is told, and what becomes of a message whose receiver answers so. */
interface Outcome {
  readonly asked: readonly [status: number, code: string | null];
  readonly message: 'DELIVERED' | 'WAITING_RETRY' | 'FAILED';
}

/**
 * The index wants a failed delivery in every case. Of a message only the receiver's status counts, and a 2xx says that it was
 * taken: sending it again because the rest of the answer is rubbish would double it. Nothing of such an answer goes anywhere.
 */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'backend-bomb-answer': { asked: [502, 'answer-invalid'], message: 'DELIVERED' },
  'backend-1g-answer': { asked: [502, 'receiver-error'], message: 'DELIVERED' },
  'backend-gzip-bomb-answer': { asked: [502, 'answer-invalid'], message: 'DELIVERED' },
  'backend-reset-mid': { asked: [502, 'receiver-error'], message: 'WAITING_RETRY' },
  'backend-cl-too-long': { asked: [502, 'receiver-error'], message: 'WAITING_RETRY' },
  'backend-redirect-307-other': { asked: [502, 'receiver-error'], message: 'WAITING_RETRY' },
  'backend-429-retry-after-garbage': { asked: [502, 'receiver-refused'], message: 'WAITING_RETRY' },
  'backend-503-flap': { asked: [502, 'receiver-error'], message: 'WAITING_RETRY' },
  'backend-answer-wrong-schema': { asked: [502, 'answer-invalid'], message: 'DELIVERED' },
  'backend-answer-header-injection': { asked: [200, null], message: 'DELIVERED' },
  'backend-tls-wrong-host': { asked: [502, 'receiver-unreachable'], message: 'WAITING_RETRY' },
  'backend-tls-selfsigned': { asked: [502, 'receiver-unreachable'], message: 'WAITING_RETRY' },
  'backend-tls10': { asked: [502, 'receiver-unreachable'], message: 'WAITING_RETRY' },
};

/** Bodies that receive what is pushed, over HTTP and over TLS. */
const pushed = (name: string, code: string, url: string): readonly RegistryDocument[] => [
  { kind: 'participant', id: code, name, type: 'municipality' },
  {
    kind: 'system',
    id: `${name}.sistema`,
    participant: code,
    provides: [{ service: 'VariazioneAnagrafica', version: 1 }],
    receives: { channel: 'push-rest', url, shape: 'json', retry: { attempts: 3, firstDelayMs: 60_000 } },
  },
  { kind: 'agreement', id: name, consumer: 'c_i804', provider: code, service: 'VariazioneAnagrafica', version: 1 },
];

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('hostile receivers, embedded', () => {
    const authority: Authority = certificateAuthority();
    let front: TcpServer;
    let tls: TlsServer;
    const costs: CaseCost[] = [];
    let run = 0;

    /** What is started before the gateway: it has to trust the authority. */
    const registry = async ({ sulmona }: Asked) => {
      const overTls = `https://127.0.0.1:${(front.address() as AddressInfo).port}/in`;
      const place = await writeQueryRegistry({ soap: sulmona.url, rest: overTls, timeoutMs: 5_000 });
      const more = [...pushed('spinta', 'c_g482', sulmona.url), ...pushed('spintatls', 'c_g483', overTls)];
      await writeFile(join(place, 'spinta.yaml'), more.map((one) => stringify(one)).join('---\n'));
      return place;
    };

    beforeAll(async () => {
      front = createTcp((socket) => void tls.emit('connection', socket));
      await new Promise<void>((resolve) => void front.listen(0, '127.0.0.1', resolve));
    });
    const stage = queryStage(embedded, registry, { NODE_EXTRA_CA_CERTS: authority.caFile });
    afterAll(() => {
      front.close();
      authority.remove();
    });

    const overTls = (options: TlsOptions) => {
      tls = createTls(options, (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
      tls.on('tlsClientError', () => undefined);
    };

    const ask = asker(stage);
    const askSoap = () => ask('/soap/c_i804/v1/PosizioneTributaria', { body: envelope(ASKED), headers: SOAP_HEADERS });
    const askTls = () => ask('/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta', { body: askedJsonOf('c_h007') });

    /** The answer of the case, as often as it is asked for. */
    function play({ behaviour = {}, ...one }: HostileCase): void {
      const { status = 200, bodyFile, body, headers = {}, script } = behaviour as Behaviour;
      if (behaviour['tls']) return overTls(tlsOf(String(behaviour['tls']), authority));
      const statuses = [...(script ?? [])];
      const bytes = Buffer.from(bodyFile ? LAUGHS : (body ?? GOOD));
      const head = { 'content-type': SOAP_TYPE, ...filled(headers, stage.pratola.url) };
      stage.sulmona.answerWith((_, reply) => {
        if ('stream' in behaviour) return endless(reply.writeHead(200, head));
        if ('generate' in one) return void reply.writeHead(200, head).end(BOMB);
        if ('cutAfter' in behaviour) return void cut(reply, head, bytes.subarray(0, 100));
        if ('contentLengthDelta' in behaviour) return void cut(reply, head, bytes);
        reply.writeHead(statuses.shift() ?? (script ? 200 : status), head).end(bytes);
      });
    }

    async function stateOf(id: string): Promise<string> {
      const { deliveries } = (await http(`${stage.gateway.url}/admin/messages/${id}`, asOperator)).json<{
        deliveries: readonly { state: string; attempts: number }[];
      }>();
      const [one] = deliveries;
      return one && one.attempts > 0 ? one.state : '';
    }

    async function pushedTo(receiver: string): Promise<string> {
      const at = `${stage.gateway.url}/rest/${receiver}/v1/VariazioneAnagrafica/notifiche`;
      const sent = await http(at, { key: KEYS.sulmona, body: noticeJson(receiver) });
      expect([sent.status, sent.text.slice(0, 300)]).toEqual([202, expect.any(String)]);
      return idOf(sent);
    }

    it.each(cases)(
      '6: $id: $title',
      async (one) => {
        const { asked, message } = OUTCOMES[one.id] as Outcome;
        const isTls = one.behaviour?.['tls'] !== undefined;
        play(one);
        const start = performance.now();
        const { result, cost } = await watched(stage.gateway, async () => {
          const answer = await (isTls ? askTls : askSoap)();
          play(one);
          const id = await pushedTo(isTls ? 'c_g483' : 'c_g482');
          await until(async () => (await stateOf(id)) !== '');
          return { answer, id };
        });
        run++;
        costs.push({ id: one.id, ms: Math.round(performance.now() - start), ...cost });
        const code = /"code":"([a-z-]+)"|<g:codice>([a-z-]+)/.exec(result.answer.text)?.slice(1).find(Boolean) ?? null;
        expect([result.answer.status === 500 ? 502 : result.answer.status, code]).toEqual(asked);
        expect(await stateOf(result.id)).toBe(message);
        expect(result.answer.text).not.toMatch(INTERNALS);
        expect(result.answer.headers['set-cookie']).toBeUndefined();
        expect(stage.pratola.received).toEqual([]);
        expectWithin(one.expected, { ms: 0, ...cost });
        stage.sulmona.answerWith(say(200, SOAP_TYPE, GOOD));
        expect((await askSoap()).status).toBe(200);
      },
      60_000,
    );

    it('6: ran every hostile receiver of the index, and none was followed elsewhere', () => {
      console.log(`hostile receivers: ${run} of ${rows} rows run here; dearest: ${dearest(costs)}`);
      expect([rows, counts['backends'], run]).toEqual([319, 13, 13]);
      expect(stage.pratola.received).toEqual([]);
    });
  });

interface Behaviour {
  readonly status?: number;
  readonly bodyFile?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly script?: readonly number[];
}

/** The file that the index names is not in this half of the corpus; its name says what it was. */
const LAUGHS = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${[...'bcdefghij']
  .map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`)
  .join('')}]><l>&j;</l>`;

const BOMB = gzipSync(Buffer.alloc(256 * 1024 * 1024));

const filled = (headers: NonNullable<Behaviour['headers']>, elsewhere: string) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace('{{OOB}}', elsewhere) : [...value],
    ]),
  );

/** A gibibyte of blanks, as fast as they are taken. */
function endless(reply: ServerResponse): void {
  const piece = Buffer.alloc(65_536, ' ');
  let left = 1024 ** 3;
  const more = () => {
    for (let isRoom = true; isRoom && left > 0 && !reply.destroyed; left -= piece.length) isRoom = reply.write(piece);
    if (left > 0 && !reply.destroyed) reply.once('drain', more);
    else reply.end();
  };
  more();
}

function cut(reply: ServerResponse, head: object, bytes: Buffer): void {
  reply.writeHead(200, { ...head, 'content-length': bytes.length + 100 });
  reply.write(bytes, () => reply.socket?.resetAndDestroy());
}

function tlsOf(kind: string, authority: Authority): TlsOptions {
  if (kind === 'selfsigned') return authority.selfSigned(`self${Date.now()}`);
  const own = authority.issue(
    `other${Date.now()}`,
    undefined,
    kind === 'wrong-host' ? { altName: 'DNS:altro.example' } : {},
  );
  if (kind === 'wrong-host') return own;
  return { ...own, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
}
