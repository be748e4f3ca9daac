import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import soap from 'soap';
import { parse } from 'yaml';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { publishedDocument, publishedOpenApi, publishedWsdl } from '../../src/registry/directory/publication.js';
import type { Registry } from '../../src/registry/registry.js';

const run = promisify(execFile);
const SERVICES = ['VariazioneAnagrafica', 'PosizioneTributaria', 'InoltroProtocollo', 'PraticaSuap'] as const;

let registry: Registry;
let server: Server;
let publicUrl: string;
const asked: string[] = [];

/** Serves what the functions under test give, at the addresses that they write. */
function answer(url: string): string | null {
  const { pathname, searchParams } = new URL(url, publicUrl);
  const [, door, participant = '', , id = '', name = ''] = pathname.split('/');
  const service = registry.service(id, 1);
  if (!service) return null;
  if (door === 'soap' && searchParams.has('wsdl')) return publishedWsdl(service, participant, publicUrl);
  if (name === 'openapi.yaml') return publishedOpenApi(service, participant, publicUrl);
  return publishedDocument(service, participant, publicUrl, searchParams.get('xsd') ?? name)?.text ?? null;
}

beforeAll(async () => {
  registry = await createFileRegistry({ directory: 'examples/registry', env: {} }).reload();
  server = createServer((request, reply) => {
    asked.push(request.url ?? '');
    const text = answer(request.url ?? '/');
    reply.writeHead(text === null ? 404 : 200).end(text ?? '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

const addressOf = (id: string) => `${publicUrl}/soap/c_i804/v1/${id}`;

describe('a published interface, read over HTTP', () => {
  it.each(SERVICES)('4: %s is read by the soap package with all that it imports', async (id) => {
    const client = await soap.createClientAsync(`${addressOf(id)}?wsdl`);
    const described = client.describe() as Record<string, Record<string, object>>;
    expect(Object.keys(described[id] ?? {})).toEqual([`${id}Soap11`, `${id}Soap12`]);
    const operations = registry.service(id, 1)?.operations.map(({ name }) => name);
    expect(Object.keys(described[id]?.[`${id}Soap11`] ?? {})).toEqual([...(operations ?? []), 'echo']);
  });

  it('4: is read by zeep, which finds this address in every port', async () => {
    const script = `
import sys, zeep
for address in sys.argv[1:]:
    for service in zeep.Client(address + '?wsdl').wsdl.services.values():
        for port in service.ports.values():
            print(port.binding_options['address'])
`;
    const { stdout } = await run('/usr/bin/python3', ['-c', script, ...SERVICES.map(addressOf)]);
    expect(stdout.trim().split('\n')).toEqual(SERVICES.flatMap((id) => [addressOf(id), addressOf(id)]));
  });

  it('4: has an OpenAPI description whose every $ref is served', async () => {
    const rest = `${publicUrl}/rest/c_i804/v1/VariazioneAnagrafica`;
    const text = await (await fetch(`${rest}/openapi.yaml`)).text();
    expect((parse(text) as { servers: unknown }).servers).toEqual([{ url: rest }]);
    const followed = await follow(text);
    expect(followed.sort()).toEqual(
      ['comune', 'gateway', 'notificaVariazioneAnagrafica'].map((name) => `${rest}/${name}.schema.json`),
    );
  });

  it('4: asks for nothing outside its own address', () => {
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((url) => answer(url) === null)).toEqual([]);
  });
});

/** Every document that the text refers to, and those refer to; fails where one is not served. */
async function follow(text: string, seen: string[] = []): Promise<string[]> {
  const files = [...text.matchAll(/\$ref"?: *["']?(http[^"'#\s]+)/g)].map(([, url]) => url ?? '');
  for (const url of new Set(files)) {
    if (seen.includes(url)) continue;
    seen.push(url);
    const reply = await fetch(url);
    expect([url, reply.status]).toEqual([url, 200]);
    await follow(await reply.text(), seen);
  }
  return seen;
}
