import { STATUS_CODES } from 'node:http';
import type { SchemaBundle } from '../message/document.js';
import { Fault, type Violation } from '../message/fault.js';
import type { OpenAnswer, Protocol } from '../protocol/protocol.js';
import type { Operation } from '../registry/model.js';
import { isAnswerOf } from '../registry/published-operation.js';
import type { Question } from './asked.js';
import type { Answered, QueryItem } from './ports.js';
import { toldFailure } from './told-failure.js';

/** Statuses that HTTP itself brings in, published or not (RFC 9110 §15.3.7, §15.4.5). */
const OF_HTTP = [206, 304];

/** What of a question its answer is judged by. */
export interface Judged {
  readonly asked: Pick<Question['asked'], 'operation' | 'binding'>;
  readonly item: Pick<QueryItem, 'receiver'>;
}

/**
 * Throws receiver-error and receiver-refused for a failure that no protocol describes (a page of HTML, a SOAP answer
 * that is neither 2xx nor a fault), answer-invalid for a success that is not what is published.
 */
export async function requireValidAnswer(
  codec: Protocol,
  open: OpenAnswer,
  answer: Answered,
  { asked, item }: Judged,
): Promise<void> {
  const isSoap = codec.binding === 'soap';
  if (open.isFault && (isSoap || answer.status >= 400)) return;
  const isRead = open.document !== null || answer.body.length === 0;
  if (answer.status >= 400 && (isSoap || asked.binding === 'soap' || !isRead))
    throw await refusedBy(codec, answer, item);
  if (isSoap) return requireSoap(codec, open, answer, { asked, item });
  return requireRest(open, answer, asked.operation);
}

/** The failure that the provider told, for a consumer of another protocol or where nothing of it can be passed on. */
export async function refusedBy(
  codec: Protocol,
  answer: Pick<Answered, 'status' | 'headers' | 'body'>,
  { receiver }: Pick<QueryItem, 'receiver'>,
): Promise<Fault> {
  const { status, headers, body } = answer;
  const { fault } = await codec.readAnswer(status, headers, body);
  const ofSender = fault ? fault.blame === 'sender' : status >= 400 && status < 500;
  const reason = fault?.reason ?? STATUS_CODES[status] ?? 'no reason given';
  const provider = fault && (await toldFailure(codec, answer));
  return new Fault(ofSender ? 'receiver-refused' : 'receiver-error', {
    detail: `The provider answered ${status}: ${reason}`,
    place: receiver.participant,
    ...(provider && { provider }),
  });
}

/** A redirect is never passed on: whoever followed it would carry the question elsewhere (SOAP 1.1 §6 knows none). */
async function requireSoap(
  codec: Protocol,
  open: OpenAnswer,
  answer: Answered,
  { asked, item }: Judged,
): Promise<void> {
  if (answer.status >= 300) throw await refusedBy(codec, answer, item);
  return requireElement(open, asked.operation, '/Envelope/Body');
}

/** A success in XML is the published element, or it is not what its schemas describe. */
async function requireRest(open: OpenAnswer, answer: Answered, operation: Operation): Promise<void> {
  const published = publishedForm(answer, operation);
  const isSuccess = answer.status < 300;
  if (isSuccess && open.document?.format === 'xml' && operation.xsd) return requireElement(open, operation, '/');
  const schema = schemaFor(published, open, operation);
  if (schema && open.document) requireNone(await examine(open, schema));
}

async function requireElement(open: OpenAnswer, operation: Operation, place: string): Promise<void> {
  const { output, xsd } = operation;
  if (!output) return;
  if (!isAnswerOf(operation, open.element))
    throw invalidAnswer(`The answer holds ${open.element?.name ?? 'nothing'}.`, place, output.name);
  if (xsd) requireNone(await examine(open, xsd));
}

/**
 * The name under which an answer of this status is published (OpenAPI 3.1 §4.8.16.1); null where none is, for a failure and
 * for what HTTP itself brings in. Throws answer-invalid for another success.
 */
function publishedStatus(status: number, { rest }: Operation): string | null {
  const responses = rest?.responses;
  if (!responses || OF_HTTP.includes(status)) return null;
  const name = [String(status), `${String(status)[0]}XX`, 'default'].find((one) => Object.hasOwn(responses, one));
  if (name !== undefined) return name;
  if (status >= 400) return null;
  throw invalidAnswer(`The status ${status} is not published.`, 'status', Object.keys(responses).join(', '));
}

/**
 * The published status by whose schema an answer of this media type is held; null where none is. Throws answer-invalid for
 * a success of another type: a page of HTML where JSON is published is no answer.
 */
function publishedForm({ status, headers, body }: Answered, operation: Operation): string | null {
  const published = publishedStatus(status, operation);
  const types = (published !== null && operation.rest?.mediaTypes?.[published]) || [];
  if (body.length === 0 || types.length === 0) return published;
  const given = (headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase();
  const fits = (type: string) => type === given || type === '*/*' || type === `${given.split('/')[0]}/*`;
  if (types.some(fits)) return published;
  if (status >= 400) return null;
  throw invalidAnswer(`The answer is ${given || 'of no type'}.`, 'Content-Type', types.join(', '));
}

/** Null: nothing published describes this answer more closely. */
function schemaFor(
  published: string | null,
  { document, element }: OpenAnswer,
  operation: Operation,
): SchemaBundle | null {
  const { output, xsd, rest } = operation;
  if (document?.format === 'xml') return output && isAnswerOf(operation, element) ? xsd : null;
  return (published !== null && rest?.responses?.[published]) || null;
}

const examine = async ({ document }: OpenAnswer, schema: SchemaBundle) =>
  document ? document.examine({ schema, extract: {}, undigested: true }) : { violations: [], truncated: false };

function requireNone({
  violations,
  truncated,
}: {
  readonly violations: readonly Violation[];
  readonly truncated: boolean;
}) {
  const [first] = violations;
  if (!first) return;
  const count = `${truncated ? 'more than ' : ''}${violations.length} error${violations.length === 1 ? '' : 's'}`;
  const detail = `The answer has ${count}; the first: ${first.message}`;
  throw new Fault('answer-invalid', { detail, place: first.path, expected: first.expected, violations, truncated });
}

export const invalidAnswer = (detail: string, place = 'answer', expected = 'what is published') =>
  new Fault('answer-invalid', { detail, place, expected });
