import 'reflect-metadata';
import type { Server } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { admitBeforeBody } from './admin/before-body.js';
import { serveConsole } from './admin/console.js';
import { protectBrowsers } from './admin/browser-headers.js';
import { ProblemFilter } from './admin/problem.filter.js';
import { serveReference } from './admin/reference.js';
import { AppModule } from './app.module.js';
import { ControlClient, ControlServer } from './control-link.js';
import { ConfigError, environment, readConfig, type Config } from './config.js';
import { buildGateway, type Gateway } from './gateway.js';
import { continueWhenRead } from './ingress/continue.js';
import { Fault } from './message/fault.js';
import { visibleJson } from './message/visible.js';
import { nestLog } from './nest-log.js';
import { PLATFORM_OPERATOR } from './registry/documents/references.js';
import { RegistryError } from './registry/registry.js';
import { SecondProcess } from './single-process.js';
import type { TlsFiles } from './tls/tls-files.js';
import { DirectoryInUse } from './store/embedded/directory-lock.js';

/** Time for running deliveries and answers to finish on a stop, milliseconds. */
const DRAIN_LIMIT_MS = 25_000;

/** A ZIP archive, or a message to try, that an operator sends. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;

/** Boots the roles asked for and stays until SIGTERM or SIGINT. Exits with 1 and a plain text where a setting is wrong. */
export async function run(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    const config = readConfig(env);
    const gateway = await buildGateway(config);
    const app = await createApp(gateway, config);
    const { served } = await gateway.start();
    await app.listen(config.port, config.host);
    stopOnSignal(gateway, app);
    gateway.onTakenOver(() => endAtOnce(gateway));
    // Every line of the log names the node.
    const { node: _node, ...shape } = gateway.admin.shape();
    gateway.log.logger.info({ ...shape, publicUrl: config.publicUrl }, 'gateway.started');
    await tellFirstPassword(gateway, config);
    const { stopSignal } = gateway.admin;
    await served.catch((error: unknown) => {
      if (!stopSignal.aborted) throw error;
    });
    if (!stopSignal.aborted) process.send?.('ready');
  } catch (error) {
    process.stderr.write(`Crocevia cannot start.\n${reasonOf(error)}\n`);
    process.exit(1);
  }
}

function reasonOf(error: unknown): string {
  const { code, address, port } = error as { code?: string; address?: string; port?: number };
  if (code === 'EADDRINUSE') return `${address}:${port} is taken: stop who listens there, or set CROCEVIA_PORT.`;
  const told = [ConfigError, RegistryError, DirectoryInUse, SecondProcess, Fault].some((kind) => error instanceof kind);
  return error instanceof Error ? ((told ? null : error.stack) ?? error.message) : String(error);
}

/** Where no token of the environment lets an operator in, the first start tells a password: to who watches it, never to the log. */
async function tellFirstPassword({ admin }: Gateway, { adminToken, roles, publicUrl }: Config): Promise<void> {
  if (adminToken !== null || !roles.includes('admin')) return;
  const password = await admin.accounts.first(PLATFORM_OPERATOR);
  if (password === null) return;
  process.stderr.write(
    `First password of the operator ${PLATFORM_OPERATOR}, told once and to be changed at its first log-in at ${publicUrl}: ${password}\n`,
  );
}

async function createApp(gateway: Gateway, config: Config): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...(gateway.tls && { https: tlsOptions(gateway.tls) }),
    ...(config.trustedProxies.length > 0 && { trustProxy: [...config.trustedProxies] }),
    bodyLimit: config.maxRequestBytes,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 512 },
    forceCloseConnections: 'idle',
    // Who comes while this node stops is told so in its own protocol.
    return503OnClosing: false,
  });
  // Connections that are open stay as they are.
  gateway.tls?.onChange((options) => (adapter.getHttpServer() as unknown as Server).setSecureContext(options));
  continueWhenRead(adapter.getHttpServer());
  closeAfterAnswer(adapter, gateway.admin.stopSignal);
  if (config.roles.includes('ingress')) await adapter.register(gateway.http as never);
  adapter
    .getInstance()
    .addContentTypeParser(
      ['application/zip', 'application/octet-stream', 'text/xml', 'application/xml', 'application/soap+xml'],
      { parseAs: 'buffer', bodyLimit: MAX_ARCHIVE_BYTES },
      (_request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
    );
  protectBrowsers(adapter.getInstance(), gateway.admin.isTls);
  admitBeforeBody(adapter.getInstance(), gateway.admin);
  // What strangers have written can neither hide in an answer to an operator nor turn a line of it.
  adapter.getInstance().setReplySerializer((payload) => visibleJson(JSON.stringify(payload)));
  const module = AppModule.around(gateway.admin, config.roles.includes('admin'));
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLog(gateway.log),
    rawBody: true,
  });
  app.useGlobalFilters(new ProblemFilter(gateway.log.problem('operators’ API')));
  if (config.amqpUrls.length > 0) joinControl(app, gateway, config);
  if (config.roles.includes('admin')) {
    serveReference(app, gateway.admin.shape().version);
    serveConsole(app);
  }
  await app.init();
  return app;
}

/** A connection that becomes idle after the stop would hold it up: Node closes only those that are idle at that moment. */
function closeAfterAnswer(adapter: FastifyAdapter, stopSignal: AbortSignal): void {
  adapter.getInstance().addHook('onSend', (_request, reply, payload, done) => {
    if (stopSignal.aborted) reply.header('connection', 'close');
    done(null, payload);
  });
}

/** For the TLS handshake; Node's own is two minutes. */
const HANDSHAKE_MS = 10_000;

function tlsOptions(tls: TlsFiles) {
  // Who sends no certificate may still send a key; policy/identify decides.
  return { ...tls.options(), requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_MS };
}

/** Control events are a hint between nodes: a broker that is away must not hold up the start. */
function joinControl(app: NestFastifyApplication, gateway: Gateway, { amqpUrls, owner }: Config): void {
  const problem = gateway.log.problem('control');
  const parts = { urls: amqpUrls, owner, problem };
  app.connectMicroservice({ strategy: new ControlServer(parts) });
  app.startAllMicroservices().catch(problem);
  const client = new ControlClient(parts);
  gateway.onRegistryChange((revision) => client.emit('registry.changed', { revision }).subscribe({ error: problem }));
}

/** After which requests that are still open are cut off: what has been taken must be finished within the drain limit. */
const OPEN_REQUESTS_MS = 15_000;

/** The first signal drains: no new message, running ones finish; the second one ends at once. */
function stopOnSignal(gateway: Gateway, app: NestFastifyApplication): void {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    gateway.log.logger.info({ signal }, 'gateway.stopping');
    setTimeout(() => process.exit(1), DRAIN_LIMIT_MS).unref();
    gateway.drain();
    setTimeout(() => app.getHttpServer().closeAllConnections(), OPEN_REQUESTS_MS).unref();
    await app.close();
    await gateway.stop();
    gateway.log.logger.info('gateway.stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void stop(signal).catch(gateway.log.problem('stop')));
}

/** What runs here is lost like in a crash: the process that took over delivers it. */
function endAtOnce({ log }: Gateway): void {
  log.logger.error({ lease: 'single-process' }, 'gateway.taken-over');
  process.exit(1);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run(environment());
