import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Fault } from '../message/fault.js';
import type { DeliveryState } from '../message/delivery.js';
import type { Reply } from '../message/stages.js';
import { testMark } from '../message/test-message.js';
import { traceIn } from '../message/trace-context.js';
import type { BoxEntry, BoxOutcome, BoxStore } from '../delivery/ports.js';
import { referenceTo } from '../delivery/claim-check.js';
import type { Written } from '../delivery/large-body.js';
import type { Parcel } from '../delivery/outgoing.js';
import type { Content } from '../message/content.js';
import type { Settle } from '../receipt/settle.js';
import { readBody } from './body.js';
import { download } from './download.js';
import { Downloads } from './downloads.js';
import { goneSignal, type Download } from './exchange.js';
import { forCaller, json, wholeParameter, type CallerParts } from './caller.js';

export interface BoxParts extends CallerParts {
  readonly box: BoxStore;
  readonly settle: Settle;
  /** Writes an entry in the shape that the system has registered. */
  readonly outgoing: (entry: Parcel, system: string) => Promise<Written>;
  /** Original bytes of a message, or where they lie; null where purged. */
  readonly contentOf: (messageId: string) => Promise<Content | null>;
  readonly publicUrl: string;
  /** Aborted when this node stops, so that long polls end. */
  readonly stopSignal: AbortSignal;
}

const MAX_ENTRIES = 100;
const MAX_WAIT_S = 60;
const LEASE_MS = 60_000;
/** Of this process. */
const downloads = new Downloads();

/** The box: how a system that cannot be called fetches its messages over connections that it opens itself. */
export function boxRoutes(app: FastifyInstance, parts: BoxParts): void {
  // A HEAD would lease messages and show nothing of them.
  app.get('/box/messages', { exposeHeadRoute: false }, (request, reply) =>
    forCaller(request, reply, parts, (caller) => fetch(request, reply, caller.system, parts)),
  );
  app.route({
    method: ['GET', 'HEAD'],
    url: '/box/messages/:id/content',
    handler: (request, reply) =>
      forCaller(request, reply, parts, (caller) => content(request, reply, caller.system, parts)),
  });
  app.post('/box/messages/:id/ack', (request, reply) =>
    forCaller(request, reply, parts, async (caller) =>
      acknowledge(request, caller.system, await readAnswer(request), parts),
    ),
  );
  app.post('/box/messages/:id/nack', (request, reply) =>
    forCaller(request, reply, parts, async (caller) =>
      giveBack(request, caller.system, await readAnswer(request), parts),
    ),
  );
}

async function fetch(request: FastifyRequest, reply: FastifyReply, system: string, parts: BoxParts): Promise<Reply> {
  const max = Math.max(1, wholeParameter(request.query, 'max', 10, MAX_ENTRIES));
  const until = Date.now() + wholeParameter(request.query, 'wait', 0, MAX_WAIT_S) * 1000;
  const entries = await poll(system, max, until, AbortSignal.any([goneSignal(reply), parts.stopSignal]), parts.box);
  return json(200, { messages: await Promise.all(entries.map((entry) => show(entry, system, parts))) });
}

/** Long poll: answers as soon as there is mail, at the latest after the time. */
async function poll(
  system: string,
  max: number,
  until: number,
  signal: AbortSignal,
  box: BoxStore,
): Promise<readonly BoxEntry[]> {
  for (;;) {
    const entries = await box.fetch(system, max, LEASE_MS);
    const left = until - Date.now();
    if (entries.length > 0 || left <= 0 || signal.aborted) return entries;
    await box.waitForMail(system, left, signal);
  }
}

const FETCHED: readonly DeliveryState[] = ['AVAILABLE', 'DELIVERING', 'DELIVERED'];

/** What a delivery of the system carries, in any piece: leasing is not asked, for a download may outlast the lease. */
async function content(
  request: FastifyRequest,
  reply: FastifyReply,
  system: string,
  parts: BoxParts,
): Promise<Reply | Download> {
  const id = idOf(request);
  if (request.method === 'GET') downloads.enter(system, reply.raw);
  const entry = await parts.box.entry(system, id);
  const stored = entry && FETCHED.includes(entry.state) ? await parts.contentOf(entry.messageId) : null;
  if (!entry || !stored) throw unknown(id);
  return download(request, await parts.outgoing({ ...entry, content: stored }, system));
}

async function show(entry: BoxEntry, system: string, { outgoing, publicUrl }: BoxParts) {
  const { message, receipt } = entry;
  const { headers, body } = await outgoing(entry, system);
  return {
    deliveryId: entry.deliveryId,
    lease: entry.lease,
    leasedUntil: entry.leasedUntil.toISOString(),
    kind: receipt ? 'receipt' : 'message',
    id: message.id,
    messageId: message.messageId,
    correlationId: message.correlationId,
    relatesTo: message.relatesTo,
    sender: message.sender.participant,
    service: message.service,
    version: message.version,
    operation: message.operation,
    acceptedAt: message.acceptedAt.toISOString(),
    headers: { ...headers, ...traceIn(message.headers), ...testMark(message.headers) },
    ...shownBody(entry.deliveryId, headers, body, publicUrl),
  };
}

function shownBody(id: string, headers: Written['headers'], body: Written['body'], publicUrl: string) {
  if (!Buffer.isBuffer(body)) return { content: referenceTo(id, headers, body, publicUrl) };
  const asText = !headers['content-type']?.startsWith('multipart/') && isUtf8(body);
  return asText ? { body: body.toString('utf8') } : { bodyBase64: body.toString('base64') };
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** What a system says of a delivery it fetched. */
interface BoxAnswer {
  readonly lease: string;
  /** Nack only: seconds until it is visible again. */
  readonly delay: number;
  /** Nack only: refused for good, with this reason. */
  readonly refuse: string | null;
}

async function readAnswer(request: FastifyRequest): Promise<BoxAnswer> {
  const bytes = await readBody(request.raw, { maxBytes: 16_384, timeoutMs: 10_000 });
  const value = parseObject(bytes);
  const { lease, delay = 0, refuse = null } = value;
  if (typeof lease !== 'string') throw wrong('lease', 'the lease that came with the message');
  if (typeof delay !== 'number' || !(delay >= 0 && delay <= 86_400)) throw wrong('delay', 'seconds, 0 to 86400');
  if (refuse !== null && typeof refuse !== 'string') throw wrong('refuse', 'a reason in words');
  return { lease, delay, refuse: refuse?.slice(0, 500) ?? null };
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // told below, like a value that is no object
  }
  throw wrong('body', '{"lease": "..."}');
}

const wrong = (place: string, expected: string) =>
  new Fault('parameter-wrong', { detail: `${place} is not valid.`, place, expected });

const idOf = (request: FastifyRequest) => (request.params as { id: string }).id;

async function acknowledge(
  request: FastifyRequest,
  system: string,
  { lease }: BoxAnswer,
  parts: BoxParts,
): Promise<Reply> {
  const id = idOf(request);
  const entry = await parts.box.entry(system, id);
  if (!entry) throw unknown(id);
  return answer(await parts.box.acknowledge(system, id, lease, parts.settle(entry, { state: 'DELIVERED' })), id);
}

async function giveBack(
  request: FastifyRequest,
  system: string,
  { lease, delay, refuse }: BoxAnswer,
  parts: BoxParts,
): Promise<Reply> {
  const id = idOf(request);
  const entry = await parts.box.entry(system, id);
  if (!entry) throw unknown(id);
  if (entry.state === 'DELIVERED') throw lost('The message has been acknowledged already.');
  if (refuse === null) return answer(await parts.box.release(system, id, lease, delay * 1000), id);
  const fault = new Fault('receiver-refused', { detail: refuse, place: 'box' }).toRecord();
  return answer(await parts.box.acknowledge(system, id, lease, parts.settle(entry, { state: 'FAILED', fault })), id);
}

const lost = (detail: string) => new Fault('lease-lost', { detail, place: 'lease' });

function answer(outcome: BoxOutcome, id: string): Reply {
  if (outcome === 'done' || outcome === 'repeated')
    return json(200, { deliveryId: id, repeated: outcome === 'repeated' });
  if (outcome === 'unknown') throw unknown(id);
  throw lost('The lease is not the one under which the message is held now.');
}

const unknown = (id: string) =>
  new Fault('message-unknown', { detail: `No message "${id.slice(0, 64)}" in this box.`, place: 'address' });
