import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Scripts, styles, fonts and pictures are the gateway's own (`data:`: the design system's icons); the nonce is for the styles that the editor of documents writes. */
const policyOf = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    ...["img-src 'self' data:", "font-src 'self' data:", "connect-src 'self'"],
    ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
  ].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/**
 * Serves the operators' console, as `npm run build` has put it into dist/console, at /console/: its files from memory, compressed, and its
 * one page at every other address below, so that a link to any of its pages works. What protects a browser, `protectBrowsers` has set. Without
 * a build there is no console.
 */
export function serveConsole(app: NestFastifyApplication): void {
  const directory = join(import.meta.dirname, '../console');
  if (!existsSync(join(directory, 'index.html'))) return;
  const server = app.getHttpAdapter().getInstance();
  const page = readFileSync(join(directory, 'index.html'), 'utf8');
  const files = readFiles(directory);
  server.get('/', (_request, reply) => reply.redirect('/console/'));
  server.get('/console', (_request, reply) => reply.redirect('/console/'));
  server.get<{ Params: { '*': string } }>('/console/*', (request, reply) => {
    const path = request.params['*'];
    const file = files.get(path);
    if (file) return sendFile(file, request, reply);
    if (path.startsWith('assets/')) return reply.code(404).send();
    return sendPage(page, reply);
  });
}

interface ServedFile {
  readonly path: string;
  /** By Content-Encoding; the empty name is the file itself. */
  readonly bodies: ReadonlyMap<string, Buffer>;
}

function readFiles(directory: string): ReadonlyMap<string, ServedFile> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) in TYPES)
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    paths.map((path) => {
      const known = ENCODINGS.filter(([, ending]) => existsSync(path + ending));
      const bodies = new Map(known.map(([encoding, ending]) => [encoding as string, readFileSync(path + ending)]));
      return [relative(directory, path), { path, bodies: bodies.set('', readFileSync(path)) }] as const;
    }),
  );
}

/** Names of assets hold their digest: they never change. */
function sendFile({ path, bodies }: ServedFile, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const accepted = String(headers['accept-encoding'] ?? '');
  const [encoding] = ENCODINGS.find(([name]) => bodies.has(name) && accepted.includes(name)) ?? [''];
  const isFixed = path.includes('/assets/');
  return reply
    .headers({
      'content-type': TYPES[extname(path)],
      vary: 'Accept-Encoding',
      'cache-control': isFixed ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(encoding && { 'content-encoding': encoding }),
    })
    .send(bodies.get(encoding));
}

function sendPage(page: string, reply: FastifyReply): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyOf(nonce),
      'referrer-policy': 'same-origin',
    })
    .send(page.replaceAll('%NONCE%', nonce));
}
