import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { packBundle } from '../../src/registry/bundle/bundle.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import type { HostileCase } from '../support/hostile.js';
import { hostileCases } from '../support/hostile-cases.js';
import { writeCaseRegistry } from '../support/hostile-registry.js';
import { INTERNALS } from '../support/refusals.js';
import { dearest, expectWithin, watched, type CaseCost } from '../support/undisturbed.js';

const { directory, rows, cases, counts } = hostileCases('bundles');

/** Cases whose answer differs from the corpus' expectation: the status given, and why it is as safe. */
const EXCEPTIONS: Readonly<Record<string, readonly [status: number, reason: string, maxMs?: number]>> = {
  'xsd-derivation-2000': [
    422,
    'reading has 10 s in a thread of its own, since real sets of schemas need seconds; then it is ended, and others are undisturbed',
    10_000,
  ],
  'xsd-hijack-other-entity': [
    201,
    'the platform publishes it, which may; each version is read with its own files only, so that no namespace takes the place of another’s',
  ],
  'xsd-appinfo-script': [201, 'the index lists 200 and 202; 201 is this gateway’s word for taken, and it is inert'],
  'jschema-redos': [201, 'patterns run in time linear in the text (RE2): shown by its instance'],
  'jschema-id-hijack': [201, 'each version is compiled alone, so that its $id means nothing to another'],
};

/** Faults of a rehearsal beside the agreement that nobody has, where they are others than schema-violation. */
const VERDICTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'xsd-keyref-quadratic': [[], ['validation-timeout']],
};
/** The gateway's own clock for a validation, and the way there. */
const VALIDATION_MS = 1_500;

function instanceOf({ validateInstance, validateGenerated }: NonNullable<HostileCase['expected']['then']>) {
  if (validateGenerated) {
    const items = Array.from({ length: validateGenerated.n ?? 0 }, (_, index) => `<a>${index}</a>`);
    return ['application/xml', `<R xmlns="urn:gw:test">${items.join('')}</R>`] as const;
  }
  if (typeof validateInstance === 'string') return ['application/xml', validateInstance] as const;
  return ['application/json', JSON.stringify(validateInstance)] as const;
}

/** `{id}` of the service that a case is published as: each one anew. */
const serviceOf = ({ id }: HostileCase) => `Caso.${id}`;
const ELEMENT = { namespace: 'urn:gw:test', name: 'R' };

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('hostile schemas and bundles, embedded', () => {
    const fetched: string[] = [];
    const costs: CaseCost[] = [];
    let run = 0;
    let canary: Server;
    let gateway: RunningGateway;
    let places: readonly string[];

    beforeAll(async () => {
      const [registry, data] = await Promise.all([writeCaseRegistry(), dataDirectory()]);
      places = [registry, data];
      canary = createServer((asked, reply) => {
        fetched.push(asked.url ?? '');
        reply.end('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>');
      });
      await new Promise<void>((resolve) => void canary.listen(0, '127.0.0.1', resolve));
      gateway = await startGateway({ CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_DATA_DIR: data });
    }, 120_000);

    afterAll(async () => {
      expect(await gateway.stop()).toBe(0);
      canary.close();
      await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
    }, 30_000);

    const admin = (path: string, body?: Buffer | string | object, type = 'application/json') =>
      http(`${gateway.url}/admin/${path}`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type },
        ...(body !== undefined && { body }),
      });

    const bytesOf = (file: string) => {
      const bytes = readFileSync(join(directory, file));
      if (!/\.(xsd|wsdl|json)$/.test(file)) return bytes;
      const host = `127.0.0.1:${(canary.address() as AddressInfo).port}`;
      return Buffer.from(bytes.toString().replaceAll('{{OOB}}', `http://${host}`).replaceAll('{{OOB_HOST}}', host));
    };

    /** A lone schema travels in a bundle that says what it is for. */
    async function bundleOf(one: HostileCase): Promise<Buffer> {
      const file = one.file as string;
      const bytes = bytesOf(file);
      if (file.endsWith('.zip')) return bytes;
      const [name, service] = file.endsWith('.wsdl') ? ['x.wsdl', { wsdl: 'x.wsdl' }] : described(file, bytes);
      const text = stringify({ id: serviceOf(one), version: 1, title: one.id, ...service });
      return packBundle(
        new Map([
          [name, bytes],
          ['service.yaml', Buffer.from(text)],
        ]),
      );
    }

    function described(file: string, bytes: Buffer): [string, object] {
      const submit = { name: 'submit', profile: 'one-way', rest: { method: 'POST', path: '/cases' } };
      if (file.endsWith('.json'))
        return ['x.schema.json', { operations: [{ ...submit, jsonSchema: 'x.schema.json' }] }];
      const namespace = /targetNamespace="([^"]*)"/.exec(bytes.toString())?.[1] ?? ELEMENT.namespace;
      return ['x.xsd', { xsd: 'x.xsd', operations: [{ ...submit, element: { ...ELEMENT, namespace } }] }];
    }

    const isKept = async (one: HostileCase) =>
      (await admin(`registry/documents/service/${serviceOf(one)}?version=1`)).status === 200;

    it.each(cases)(
      '6: $id: $title',
      async (one) => {
        const query = (one.file as string).endsWith('.zip') ? `?id=${serviceOf(one)}&version=1&title=x` : '';
        const bundle = await bundleOf(one);
        const start = performance.now();
        const { result: answer, cost } = await watched(gateway, () =>
          admin(`services${query}`, bundle, 'application/zip'),
        );
        const ms = Math.round(performance.now() - start);
        run++;
        costs.push({ id: one.id, ms, ...cost });
        const [excepted, , maxMs] = EXCEPTIONS[one.id] ?? [];
        expectWithin({ ...one.expected, ...(maxMs !== undefined && { maxMs }) }, { ms, ...cost });
        expect(excepted === undefined ? one.expected.status : [excepted]).toContain(answer.status);
        expect(await isKept(one)).toBe(answer.status === 201);
        expect(answer.text.replaceAll('/tmp/gw-pwn.txt', 'their own name')).not.toMatch(INTERNALS);
        expect(fetched).toEqual([]);
        if (answer.status === 201 && one.expected.then) await expectQuickly(one, one.expected.then);
      },
      60_000,
    );

    async function provide(one: HostileCase): Promise<void> {
      const at = 'registry/documents/system/entity-tax.system';
      const known = await admin(at);
      const { document } = known.json<{ document: { provides: readonly object[] } }>();
      const provides = [...document.provides, { service: serviceOf(one), version: 1 }];
      const put = await http(`${gateway.url}/admin/${at}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'if-match': String(known.headers['etag']) },
        body: { ...document, provides },
      });
      expect([put.status, put.text]).toEqual([200, expect.any(String)]);
    }

    /** What was taken judges a message of the attacker's making in time, for a body that would provide it. */
    async function expectQuickly(one: HostileCase, then: NonNullable<HostileCase['expected']['then']>) {
      const [type, message] = instanceOf(then);
      const at = `services/${serviceOf(one)}/versions/1/validate?path=/cases&provider=entity-tax&consumer=entity-registry`;
      await provide(one);
      const start = performance.now();
      const { result: judged, cost } = await watched(gateway, () => admin(at, message, type));
      const ms = Math.round(performance.now() - start);
      costs.push({ id: `${one.id}, an instance`, ms, ...cost });
      expect(judged.status).toBe(200);
      const { faults } = judged.json<{ faults: readonly { code: string }[] }>();
      const codes = faults.map(({ code }) => code).filter((code) => code !== 'not-authorised');
      expect(VERDICTS[one.id] ?? [['schema-violation']]).toContainEqual(codes);
      expectWithin({ maxMs: Math.max(then.maxMs, VALIDATION_MS) }, { ms, ...cost });
    }

    it('6: ran every schema and bundle of the index, and fetched nothing', () => {
      const excepted = Object.entries(EXCEPTIONS);
      console.log(
        [
          `hostile schemas and bundles: ${run} of ${rows} rows run here; dearest: ${dearest(costs)}`,
          ...excepted.map(([id, [status, reason]]) => `exception: ${id}: ${status}: ${reason}`),
        ].join('\n'),
      );
      expect([rows, counts['bundles'], run]).toEqual([319, 32, 32]);
      expect(fetched).toEqual([]);
    });
  });
