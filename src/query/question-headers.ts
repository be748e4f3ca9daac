import { joinHeaders } from '../delivery/channels/headers.js';
import { Fault } from '../message/fault.js';
import { traceIn } from '../message/trace-context.js';
import { answerHeaders } from './carried-headers.js';
import type { HandedAnswer, HandedQuestion } from './handed-out.js';

type Headers = Readonly<Record<string, string>>;

/** Of a question and its answer; every other header of theirs travels as `x-header-{name}`, and means nothing on the way. */
const AS_THEY_ARE = ['content-type', 'soapaction', 'traceparent', 'tracestate'];
export const CARRIED = 'x-header-';

/** What goes with a question that is handed out, over HTTP and AMQP alike. */
export function questionHeaders({ item, written }: HandedQuestion): Headers {
  const { message, deadline } = item;
  return joinHeaders(carried(written.headers), {
    'x-question-id': message.id,
    'x-method': written.method,
    'x-path': written.url,
    'x-service': message.service,
    'x-version': String(message.version),
    'x-operation': message.operation,
    'x-sender': message.sender.participant,
    'x-message-id': message.messageId,
    'x-correlation-id': message.correlationId,
    'x-deadline': deadline.toISOString(),
    ...traceIn(message.headers),
  });
}

const carried = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase();
      return [AS_THEY_ARE.includes(lower) ? lower : CARRIED + lower, value];
    }),
  );

/** The answer that a system has sent with these headers (lower-case names). Throws parameter-wrong. */
export const handedAnswer = (headers: Headers, body: Buffer): HandedAnswer => ({
  status: givenStatus(headers),
  headers: told(headers),
  body,
});

/** `x-status` of what a system answers to a question or a message: it is no HTTP answer itself. Throws parameter-wrong. */
export function givenStatus({ 'x-status': text = '200' }: Headers): number {
  if (/^[2-5]\d\d$/.test(text)) return Number(text);
  throw new Fault('parameter-wrong', {
    detail: 'x-status is no HTTP status of an answer.',
    place: 'x-status',
    expected: '200 to 599',
  });
}

function told(headers: Headers): Headers {
  const type = headers['content-type'];
  return answerHeaders({ ...fromCarried(headers), ...(type !== undefined && { 'content-type': type }) });
}

/** What travels as `x-header-{name}`, under its own names. */
export const fromCarried = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(CARRIED))
      .map(([name, value]) => [name.slice(CARRIED.length), value]),
  );
