import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { Fault } from '../message/fault.js';
import type { Arrival } from '../message/stages.js';
import { visibleJson } from '../message/visible.js';
import type { Tidied } from '../retention/retention.js';
import type { JournalEvent } from './events.js';
import { createRepeats } from './repeats.js';

/** One answered request, as the national rule GEN_LOG_01 asks for it. */
export interface Access {
  readonly method: string;
  /** Path without its query: a query could hold what must not be logged. */
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  readonly remote: string;
  readonly request: string;
}

/** Structured lines derived from events: ERROR means that somebody must act now. What strangers have written can neither hide in one nor turn it. */
export interface GatewayLog {
  readonly logger: Logger;
  journal(events: readonly JournalEvent[]): void;
  access(entry: Access): void;
  /** `id`: under which it was recorded; what its sender calls it is told beside. */
  refused(fault: Fault, arrival: Arrival & { readonly messageId?: string | null }, id: string | null): void;
  /** A limit is used up; told once a window. */
  limitReached(limit: { readonly kind: string; readonly whose: string }): void;
  /** The token endpoint refused a client. */
  tokenRefused(fault: Fault, address: string): void;
  /** The gateway begins or ends to spare an answering system. */
  circuit(change: { readonly system: string; readonly state: string }): void;
  /** An answer that a system has published was not taken. */
  answerRefused(system: string, fault: Fault): void;
  /** That nothing new is taken; null: no more. Why is told by the audit. */
  maintenance(now: { readonly operator: string; readonly until: Date | null } | null): void;
  /** Contents and days that were over; a day that stays for what is open in it. */
  tidied(done: Tidied): void;
  /** The same of a part is told once a minute, with how often it was left out; of a message (`about`) always. */
  problem(what: string): (error: unknown, about?: { readonly messageId: string }) => void;
}

/** Refusals of which the log tells once a window, by what is used up. */
const ONCE: ReadonlySet<FaultCode> = new Set(['rate-limited', 'too-many-attempts']);

/** The same problem of the same part of a node is told once in this time. */
const SAME_PROBLEM_MS = 60_000;

/** What was found in a content stays out of the log: its sender is told, and operators who may see it. */
const detailOf = ({ info: { detail, violations = [], place } }: Fault) =>
  violations.length > 0 ? `${violations.length} errors, the first at ${place}` : detail;

/** One JSON line each, to standard output unless told otherwise. */
export function gatewayLog(level: string, node: string, to: DestinationStream = pino.destination(1)): GatewayLog {
  const options: LoggerOptions = {
    level,
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'event',
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: visibleJson },
  };
  const logger = pino(options, to);
  const repeats = createRepeats(SAME_PROBLEM_MS);
  return {
    logger,
    journal: (events) => {
      if (!logger.isLevelEnabled('info')) return;
      for (const { event, messageId, deliveryId, by, detail } of events)
        logger.info({ messageId, deliveryId, by, receiver: detail.receiver, fault: detail.fault?.code }, event);
    },
    access: (entry) => logger.info(entry, 'http.answered'),
    refused: (fault, arrival, messageId) => {
      const { door, binding } = arrival;
      // A query could hold what must not be logged.
      const { query: _query, ...address } = arrival.address;
      const ids = { messageId, sendersId: arrival.messageId ?? null };
      const fields = { ...ids, code: fault.code, door, binding, address, detail: detailOf(fault) };
      if (fault.code === 'internal') logger.error({ ...fields, err: fault.info.cause }, 'message.refused');
      else if (ONCE.has(fault.code)) logger.debug(fields, 'message.refused');
      // Maintenance is meant: nobody has to act.
      else if (fault.kind.blame === 'gateway' && fault.code !== 'maintenance') logger.warn(fields, 'message.refused');
      else logger.info(fields, 'message.refused');
    },
    limitReached: (limit) => logger.info(limit, 'limit.reached'),
    tokenRefused: (fault, remote) => {
      const { code, info, kind } = fault;
      const level = ONCE.has(code) ? 'debug' : kind.blame === 'gateway' ? 'warn' : 'info';
      logger[level](
        { code, remote, detail: info.detail, ...(code === 'internal' && { err: info.cause }) },
        'token.refused',
      );
    },
    circuit: ({ system, state }) =>
      logger[state === 'closed' ? 'info' : 'warn']({ system, state }, `query.circuit-${state}`),
    answerRefused: (system, fault) =>
      logger.info({ system, code: fault.code, detail: detailOf(fault) }, 'query.answer-refused'),
    maintenance: (now) =>
      now === null
        ? logger.info('maintenance.over')
        : logger.warn({ operator: now.operator, until: now.until }, 'maintenance.in-force'),
    tidied: ({ kept, ...done }) => {
      const { purged, dropped, jobs, conversations } = done;
      if (purged + dropped.length + jobs + conversations > 0) logger.info(done, 'retention.done');
      for (const { day, open } of kept) logger.warn({ day, open }, 'retention.day-kept');
    },
    problem: (what) => (error, about) => {
      const reason = error instanceof Error ? error.message : String(error);
      // Of a message each failure is told.
      const repeated = about ? 0 : repeats(what, reason);
      if (repeated === null) return;
      logger.warn({ what, ...about, reason, ...(repeated > 0 && { repeated }) }, 'gateway.problem');
    },
  };
}
