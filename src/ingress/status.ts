import type { FastifyInstance } from 'fastify';
import { ownMessage, toldTo } from '../exchange/follow.js';
import type { Exchanges } from '../exchange/ports.js';
import { FAULTS, type FaultCode } from '../message/fault-catalogue.js';
import { Fault } from '../message/fault.js';
import type { Caller, Reply } from '../message/stages.js';
import { disclosedRecord } from '../policy/disclose.js';
import type { MessageStatus, TraceReader } from '../trace/ports.js';
import { showStatus } from '../trace/status.js';
import type { EventName } from '../trace/events.js';
import { timelineOf, type TimelineEntry } from '../trace/timeline.js';
import { forCaller, json, type CallerParts } from './caller.js';

/** Who looked at a message, what was noted on it and who has corrected it is not for its sender. */
const OF_OPERATORS: readonly EventName[] = ['message.viewed', 'message.noted', 'message.corrected'];

export interface StatusParts extends CallerParts {
  readonly trace: TraceReader;
  readonly exchanges: Pick<Exchanges, 'answersTo'>;
  readonly publicUrl: string;
  /** Rejects where the gateway cannot take messages now. */
  readonly ready: () => Promise<void>;
}

/** Status resources for senders, the fault catalogue behind `type`, and the national `/status` (RAC_REST_NAME_011). */
export function statusRoutes(app: FastifyInstance, parts: StatusParts): void {
  app.get<{ Params: { id: string } }>('/messages/:id', (request, reply) =>
    forCaller(request, reply, parts, async (caller) =>
      shown(await ownMessage(request.params.id, caller, parts.trace), parts),
    ),
  );
  app.get<{ Params: { id: string } }>('/messages/:id/timeline', (request, reply) =>
    forCaller(request, reply, parts, async (caller) => {
      const { id } = await ownMessage(request.params.id, caller, parts.trace);
      const entries = timelineOf((await parts.trace.timeline(id)).filter(({ event }) => !OF_OPERATORS.includes(event)));
      return json(200, { id, entries: entries.map((entry) => toldOf(entry, caller)) });
    }),
  );
  app.get<{ Querystring: { messageId?: string } }>('/messages', (request, reply) =>
    forCaller(request, reply, parts, async (caller) => byMessageId(request.query.messageId, caller, parts)),
  );
  app.get('/status', async (_request, reply) => {
    const { status, headers, body } = await liveness(parts.ready);
    return reply.code(status).headers(headers).send(body);
  });
  app.get<{ Params: { code: string } }>('/problems/:code', async (request, reply) => {
    const { status, headers, body } = explain(request.params.code);
    return reply.code(status).headers(headers).send(body);
  });
}

async function byMessageId(messageId: string | undefined, caller: Caller, parts: StatusParts): Promise<Reply> {
  if (!messageId)
    throw new Fault('parameter-wrong', {
      detail: 'messageId is missing.',
      place: 'messageId',
      expected: 'the id that you gave',
    });
  const status = await parts.trace.statusByMessageId(caller.system, messageId);
  if (!status)
    throw new Fault('message-unknown', {
      detail: `No message with id "${messageId.slice(0, 64)}" of yours.`,
      place: 'messageId',
    });
  return shown(toldTo(status, caller), parts);
}

const toldOf = (entry: TimelineEntry, caller: Caller): TimelineEntry =>
  entry.fault ? { ...entry, fault: disclosedRecord(entry.fault, caller) } : entry;

async function shown(status: MessageStatus, { exchanges, publicUrl }: StatusParts): Promise<Reply> {
  const answers = await exchanges.answersTo([status.id]);
  return json(200, showStatus(status, publicUrl, answers.has(status.id)));
}

async function liveness(ready: () => Promise<void>): Promise<Reply> {
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  try {
    await ready();
    return { status: 200, headers, body: JSON.stringify({ status: 200, title: 'Il servizio funziona correttamente' }) };
  } catch {
    return {
      status: 503,
      headers: { ...headers, 'retry-after': '5' },
      body: JSON.stringify({ status: 503, title: 'Il servizio non è disponibile' }),
    };
  }
}

function explain(code: string): Reply {
  if (!Object.hasOwn(FAULTS, code)) return json(404, { title: 'Unknown problem type', status: 404 });
  return json(200, { code, ...FAULTS[code as FaultCode] });
}
