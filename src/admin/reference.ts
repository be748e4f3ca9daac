import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { stringify } from 'yaml';
import { SCHEMAS } from './schemas.js';

/** The page loads nothing from elsewhere and no script but its own; `data:` are the icons in Swagger UI's style sheet. */
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Crocevia: operators’ API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/admin/reference/favicon-32x32.png">
<link rel="stylesheet" href="/admin/reference/swagger-ui.css">
<script src="/admin/reference/swagger-ui-bundle.js" defer></script>
<script src="/admin/reference/start.js" defer></script>
</head>
<body><div id="reference"></div></body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/admin/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null, tryItOutEnabled: true,
});
`;

const SWAGGER_UI = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/**
 * Serves the OpenAPI 3.1 document of the controllers at /admin/openapi.json and .yaml and a page to read and try it at
 * /admin/reference. All are open: they tell what is in the source. Call it before the application is initialised.
 */
export function serveReference(app: NestFastifyApplication, version: string): void {
  const json = once(() => JSON.stringify(describe(app, version)));
  const yaml = once(() => stringify(JSON.parse(json()), { aliasDuplicateObjects: false }));
  serve(app, '/admin/openapi.json', 'application/json; charset=utf-8', json);
  serve(app, '/admin/openapi.yaml', 'application/yaml; charset=utf-8', yaml);
  serve(app, '/admin/reference', 'text/html; charset=utf-8', () => PAGE);
  serve(app, '/admin/reference/start.js', 'text/javascript; charset=utf-8', () => START);
  const { resolve } = createRequire(import.meta.url);
  for (const [file, type] of Object.entries(SWAGGER_UI))
    serve(
      app,
      `/admin/reference/${file}`,
      type,
      once(() => readFileSync(resolve(`swagger-ui-dist/${file}`))),
    );
}

/** Made when it is first asked for: no start waits for it. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function describe(app: NestFastifyApplication, version: string): OpenAPIObject {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Crocevia: operators’ API')
    .setDescription(
      'What an operator may do follows from its role (`x-roles`), where from its scope. Refusals are problem+json with a `code` of docs/faults.md.',
    )
    .setVersion(version)
    .setLicense('EUPL-1.2', 'https://eupl.eu/1.2/en/')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: '{token id}.{secret}' })
    .build();
  const schemas = SCHEMAS as NonNullable<OpenAPIObject['components']>['schemas'];
  const config = { ...about, components: { ...about.components, schemas: { ...schemas } } };
  return SwaggerModule.createDocument(app, config as typeof about, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
}

function serve(app: NestFastifyApplication, path: string, type: string, body: () => string | Buffer): void {
  app
    .getHttpAdapter()
    .getInstance()
    .get(path, (_request, reply) =>
      reply
        .headers({
          'content-type': type,
          'content-security-policy': CONTENT_POLICY,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-cache',
        })
        .send(body()),
    );
}
