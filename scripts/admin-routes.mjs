// The doors of the operators' API as the router of the built application has them; printed as JSON where it is run itself.
import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serveReference } from '../dist/admin/reference.js';
import { AppModule } from '../dist/app.module.js';

/** The doors as the router has them, and the OpenAPI document that describes them. */
async function readApplication() {
  const adapter = new FastifyAdapter();
  const found = [];
  adapter.getInstance().addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD' && /^\/admin(\/|$)/.test(url)) found.push([one, url]);
  });
  const app = await NestFactory.create(AppModule.around({}, true), adapter, { logger: false });
  serveReference(app, '0');
  await app.init();
  const document = JSON.parse((await adapter.getInstance().inject('/admin/openapi.json')).body);
  await app.close();
  return { found, document };
}

/** The OpenAPI document of the operators' API. */
export const operatorsApi = async () => (await readApplication()).document;

/** `{ method, path, action, roles }` of each; without roles: open to everybody, without an action: for the operator itself. */
export async function adminRoutes() {
  const {
    found,
    document: { paths },
  } = await readApplication();
  return found.map(([method, url]) => {
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    const described = paths[path]?.[method.toLowerCase()] ?? {};
    return { method, path, action: described['x-action'] ?? null, roles: described['x-roles'] ?? null };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(JSON.stringify(await adminRoutes()));
