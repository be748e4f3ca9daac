import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { prepare, sendHostile, type HostileAnswer, type Stage } from '../support/hostile.js';
import { hostileCases } from '../support/hostile-cases.js';
import { caseKey, writeCaseRegistry } from '../support/hostile-registry.js';
import { INTERNALS } from '../support/refusals.js';
import { dearest, expectWithin, watched, type CaseCost } from '../support/undisturbed.js';

/** The id of the message whose status stands at an address. */
const messageIn = (location: string) => /\/messages\/([^/]+)$/.exec(location)?.slice(1) ?? [];

/** Cases whose answer differs from the corpus' expectation: the status given, and why it is as safe. */
const EXCEPTIONS: Readonly<Record<string, readonly [status: number | 'close', reason: string]>> = {
  'wf-comment-in-id': [
    202,
    'the text stands in gw:Sender, a header block that nobody reads: the credential is the sender',
  ],
  'wsa-sequence-negative': [202, 'gw:Sequence is a header block that nobody reads'],
  'soap-unqualified-header': [
    202,
    'the block asks for nothing and is ignored, like every block that is not understood',
  ],
  'mtom-cid-traversal': [202, 'a Content-ID is compared and never made a file name'],
  'http-09': [302, 'sent to the console once, and the connection is closed: nothing can follow'],
  'query-nested': [405, 'nothing can be queried at this address, whatever the query says'],
};

const { directory, rows, cases, counts } = hostileCases('messages');

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('hostile input, embedded', () => {
    const secret = `CANARY-${randomBytes(8).toString('hex')}`;
    const fetched: string[] = [];
    const accepted = new Set<string>();
    let canary: Server;
    let places: readonly string[];
    let gateway: RunningGateway;
    let stage: Stage;
    let run = 0;
    const costs: CaseCost[] = [];

    beforeAll(async () => {
      const [registry, data] = await Promise.all([writeCaseRegistry(), dataDirectory()]);
      places = [registry, data];
      const canaryFile = join(data, '..', `crocevia-canary-${process.pid}.txt`);
      writeFileSync(canaryFile, `${secret}\n`);
      places = [...places, canaryFile];
      canary = createServer((asked, reply) => {
        fetched.push(asked.url ?? '');
        reply.end('<!ENTITY z "OOB">');
      });
      await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
      gateway = await startGateway({
        CROCEVIA_REGISTRY_DIR: registry,
        CROCEVIA_DATA_DIR: data,
        CROCEVIA_REQUEST_TIMEOUT_MS: '4000',
      });
      const host = `127.0.0.1:${(canary.address() as AddressInfo).port}`;
      stage = {
        directory,
        url: gateway.url,
        authorization: `Basic ${Buffer.from('entity-registry:entity-registry').toString('base64')}`,
        replacements: {
          '{{OOB}}': `http://${host}`,
          '{{OOB_HOST}}': host,
          '{{CANARY_FILE}}': canaryFile,
          '{{HOST}}': new URL(gateway.url).host,
          '{{OTHER_ENTITY_MSG}}': '00000000-0000-4000-8000-0000000000ff',
        },
        paths: {
          '/soap': '/soap/entity-tax/v1/case-submit',
          '/api/v1/messages': '/rest/entity-tax/v2/case-submit/cases',
        },
      };
    }, 120_000);

    afterAll(async () => {
      expect(await gateway.stop()).toBe(0);
      canary.close();
      await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
    }, 30_000);

    it.each(cases)(
      '$class $id: $title',
      async (one) => {
        prepare(one);
        const { result: answer, cost } = await watched(gateway, () => sendHostile(one, stage));
        run++;
        costs.push({ id: one.id, ms: answer.ms, ...cost });
        for (const id of answer.locations.flatMap(messageIn)) accepted.add(id);
        expectWithin(one.expected, { ms: answer.ms, ...cost });
        const [excepted] = EXCEPTIONS[one.id] ?? [];
        const allowed = excepted === undefined ? (one.expected.status ?? []) : [excepted];
        expect(allowed).toContain(allowed.includes(answer.status) ? answer.status : inHttp(answer));
        if (one.request.raw && !one.id.includes('pipelined')) expect(answer.responses).toBeLessThan(2);
        for (const leak of [INTERNALS, /root:x:0/]) expect(answer.text).not.toMatch(leak);
        for (const leak of [secret, one.expected.mustNotContain ?? secret]) expect(answer.text).not.toContain(leak);
        expect(fetched).toEqual([]);
        expect((await http(`${gateway.url}/status`)).status).toBe(200);
      },
      30_000,
    );

    it('6: what was refused was never delivered: the receiver has exactly what was accepted', async () => {
      const taken: string[] = [];
      for (;;) {
        const { messages } = (await http(`${gateway.url}/box/messages?max=100`, { key: caseKey('entity-tax') })).json<{
          messages: readonly { id: string }[];
        }>();
        if (messages.length === 0) break;
        taken.push(...messages.map(({ id }) => id));
      }
      expect(accepted.size).toBeGreaterThan(20);
      expect(taken.sort()).toEqual([...accepted].sort());
    });

    it('5: ran every case of the classes that apply, and fetched nothing', () => {
      const excepted = Object.entries(EXCEPTIONS);
      console.log(
        [
          `hostile input: ${run} of ${rows} cases run here, ${excepted.length} exceptions; dearest: ${dearest(costs)}`,
          ...excepted.map(([id, [status, reason]]) => `exception: ${id}: ${status}: ${reason}`),
        ].join('\n'),
      );
      console.log(`rows of the index by suite: ${JSON.stringify(counts)}`);
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(rows);
      expect([rows, cases.length, run]).toEqual([319, 207, 207]);
      expect(fetched).toEqual([]);
      expect(gateway.logs()).not.toContain(secret);
    });
  });

/** SOAP 1.1 §6.2 gives every fault the status 500: one that blames the sender counts as 400. */
const inHttp = ({ status, text: body }: HostileAnswer) =>
  status === 500 && /<faultcode>soap:(Client|MustUnderstand|VersionMismatch)</.test(body) ? 400 : status;
