import 'reflect-metadata';
import { rm } from 'node:fs/promises';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import type { AdminParts } from '../../src/admin/ports.js';
import { AppModule } from '../../src/app.module.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { ADMIN_TOKEN, startGateway, type RunningGateway } from '../support/gateway.js';
import { sendNotice } from '../support/load.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS, writeRegistry } from '../support/registry.js';

const NOTICE = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly parameters: readonly { readonly name: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

/** `get /admin/messages/{id}` of every HTTP route of the controllers. */
function routes(): readonly string[] {
  const { controllers = [] } = AppModule.around({} as AdminParts, true);
  return controllers.flatMap((controller) => {
    const prefix: unknown = Reflect.getMetadata(PATH_METADATA, controller);
    return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const method = (controller.prototype as Record<string, object>)[name] as object;
      const [verb, path] = [METHOD_METADATA, PATH_METADATA].map((key): unknown => Reflect.getMetadata(key, method));
      if (typeof verb !== 'number' || typeof path !== 'string') return [];
      const full = `/${String(prefix)}/${path}`.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1');
      return [`${(RequestMethod[verb] as string).toLowerCase()} ${full.replaceAll(/:(\w+)/g, '{$1}')}`];
    });
  });
}

/** Paths with other parameters than a message id. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '/admin/queues/{id}/series': '/admin/queues/sulmona.anagrafe/series',
  '/admin/reports/{kind}': '/admin/reports/volumes?from=2026-11-01&to=2026-11-30',
  '/admin/registry/documents/{kind}/{id}': '/admin/registry/documents/participant/c_i804',
  '/admin/registry/documents/{kind}/{id}/text': '/admin/registry/documents/participant/c_i804/text',
  '/admin/registry/documents/{kind}/{id}/history': '/admin/registry/documents/participant/c_i804/history',
  '/admin/operators/{id}/account': '/admin/operators/platform/account',
  '/admin/services/{id}/versions/{version}': '/admin/services/VariazioneAnagrafica/versions/1',
  '/admin/routes':
    '/admin/routes?system=sulmona.anagrafe&receiver=r_abruzz&service=VariazioneAnagrafica&path=/notifiche',
  '/admin/services/{id}/versions/{version}/compatibility':
    '/admin/services/VariazioneAnagrafica/versions/1/compatibility?from=1',
  '/admin/services/{id}/versions/{version}/example': '/admin/services/VariazioneAnagrafica/versions/1/example',
};

/** What needs no operator. */
const isOpen = (method: string, path: string) =>
  path.startsWith('/health/') ||
  (method === 'post' && path === '/admin/session') ||
  /^\/admin\/session\/(methods|oidc)/.test(path);

interface Shown {
  readonly deliveries: readonly { readonly deliveryId: string }[];
}

describe('the reference of the operators’ API', () => {
  let gateway: RunningGateway;
  let data: string;
  let regione: Receiver;
  let document: OpenApi;

  beforeAll(async () => {
    data = await dataDirectory();
    regione = await startReceiver();
    regione.answerWith((_received, reply) => reply.writeHead(400, { 'content-type': 'text/plain' }).end('no'));
    const directory = await writeRegistry({
      pratola: { channel: 'box' },
      regione: { channel: 'push-rest', url: regione.url, shape: 'json' },
    });
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
    document = (await http(`${gateway.url}/admin/openapi.json`)).json<OpenApi>();
  }, 120_000);

  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await regione.stop();
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  it('6: is valid OpenAPI 3.1, as JSON and as YAML', async () => {
    const result = await new Validator().validate(structuredClone(document) as object as Record<string, unknown>);
    expect(result).toEqual({ valid: true });
    expect(document.openapi).toBe('3.1.0');
    const yaml = await http(`${gateway.url}/admin/openapi.yaml`);
    expect(parse(yaml.text)).toEqual(document);
  });

  it('6: has every route of the controllers, with a summary, an answer and every part of its path', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(routes().length).toBeGreaterThanOrEqual(11);
    expect(described.toSorted()).toEqual(routes().toSorted());
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(methods)) {
        expect(operation.summary).toMatch(/\w/);
        expect(Object.keys(operation.responses).some((status) => /^[23]/.test(status))).toBe(true);
        const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(operation.parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(parts));
        expect(operation.security ?? []).toHaveLength(isOpen(method, path) ? 0 : 1);
      }
  });

  it('6: lets a document be changed: its preconditions are parameters', () => {
    const methods = document.paths['/admin/registry/documents/{kind}/{id}'];
    const names = (method: string) => methods?.[method]?.parameters.map(({ name }) => name);
    expect(names('put')).toEqual(expect.arrayContaining(['If-Match', 'If-None-Match']));
    expect(names('delete')).toContain('If-Match');
    expect(Object.keys(methods?.['delete']?.responses ?? {})).toEqual(expect.arrayContaining(['404', '412', '428']));
  });

  it('6: describes what is answered', async () => {
    const id = idOf((await sendNotice(gateway.url))!);
    await statusWhen(gateway.url, id, ({ state }) => state === 'PARTIALLY_FAILED');
    const refused = await http(`${gateway.url}${NOTICE}`, { key: KEYS.sulmona, body: {} });
    expect(refused.json()).toMatchObject({ code: 'schema-violation' });
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema(document, 'document');
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    // It has failed: there is nothing to withdraw, and its item says so.
    const order = { action: 'cancel', reason: 'why', filter: { ids: [id] } };
    await http(`${gateway.url}/admin/operators/platform/account`, { method: 'POST', headers });
    const job = (await http(`${gateway.url}/admin/jobs`, { headers, body: order })).json<{ id: string }>().id;
    const draft = (await http(`${gateway.url}/admin/messages/${id}/correction-draft`, { headers })).json<{
      text: string;
    }>();
    const copy = { text: draft.text, reason: 'why' };
    const proposed = await http(`${gateway.url}/admin/messages/${id}/corrections`, { headers, body: copy });
    const { correction } = proposed.json<{ correction: { id: string } }>();
    const idFor = (path: string) =>
      path.includes('/jobs/') ? job : path.startsWith('/admin/corrections/') ? correction.id : id;
    const shown = (await http(`${gateway.url}/admin/messages/${id}`, { headers })).json<Shown>();
    const delivery = shown.deliveries[0]!.deliveryId;
    const checked: string[] = [];
    for (const [path, { get }] of Object.entries(document.paths)) {
      const pointer = path.replaceAll('~', '~0').replaceAll('/', '~1');
      if (!get?.responses['200']?.content?.['application/json']) continue;
      const example = EXAMPLES[path] ?? path.replace('{id}', idFor(path)).replace('{delivery}', delivery);
      const answer = await http(`${gateway.url}${example}`, { headers });
      const at = `/paths/${encodeURIComponent(pointer)}/get/responses/200/content/application~1json/schema`;
      const valid = ajv.compile({ $ref: `document#${at}` });
      expect([path, answer.status, valid(answer.json()), valid.errors]).toEqual([path, 200, true, null]);
      checked.push(path);
    }
    expect(checked.length).toBeGreaterThanOrEqual(7);
  });

  it('6: is shown on a page that loads nothing from elsewhere', async () => {
    const page = await http(`${gateway.url}/admin/reference`);
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
    expect(page.text).not.toMatch(/<style|style=|<script>|\son\w+=/);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
    const start = await http(`${gateway.url}/admin/reference/start.js`);
    const [, shown] = /url: '([^']+)'/.exec(start.text) ?? [];
    expect(assets).toHaveLength(4);
    for (const address of [...assets, shown as string]) {
      expect(address).toMatch(/^\/admin\//);
      const answer = await http(`${gateway.url}${address}`);
      expect([address, answer.status, answer.text.length > 100]).toEqual([address, 200, true]);
    }
  });
});
