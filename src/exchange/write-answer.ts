import { convert } from '../mediation/convert.js';
import type { Mediator } from '../mediation/mediator.js';
import { isSoap, type Message, type ReplyTo } from '../message/message.js';
import type { Reply } from '../message/stages.js';
import type { AnswerCodec, Compose, Protocol } from '../protocol/protocol.js';
import { emptyDocument } from '../protocol/rest/empty-document.js';
import { refusedBy } from '../query/judge-answer.js';
import { publishedOperation } from '../registry/published-operation.js';
import type { Registry } from '../registry/registry.js';

export type Wanted = Pick<ReplyTo, 'protocol' | 'format'>;

/**
 * An answer to a message as who has asked reads it: as it came where it is in that protocol, else written anew; a failure as
 * that protocol tells one. `receiver` is the IPA code of who reads it. Throws mediation-failed, schema-missing, the faults of reading.
 */
export type WriteAnswer = (answer: Message, content: Buffer, wanted: Wanted, receiver: string) => Promise<Reply>;

export interface WriteAnswerParts {
  readonly protocols: Readonly<Record<'soap' | 'rest', Protocol & AnswerCodec>>;
  readonly compose: Readonly<Record<'soap11' | 'soap12' | 'rest', Compose>>;
  readonly mediator: Mediator;
  readonly registry: () => Pick<Registry, 'service'>;
  readonly publicUrl: string;
}

export function createWriteAnswer(parts: WriteAnswerParts): WriteAnswer {
  return async (answer, content, wanted, receiver) => {
    const { 'x-status': status = '200', 'x-relates-to': relatesTo, ...headers } = answer.headers;
    const given = { status: Number(status), headers, body: content };
    if (answer.protocol === wanted.protocol) return given;
    const codec = codecFor(answer, parts);
    const open = await codec.openAnswer(headers, content);
    open.close();
    if (open.isFault || given.status >= 400)
      return failure(await refusedBy(codec, given, { receiver: answer.sender }), wanted, answer, parts);
    return writeAnew({ ...answer, relatesTo: relatesTo ?? answer.relatesTo }, given, { wanted, receiver }, parts);
  };
}

const codecFor = (of: Pick<Message, 'protocol'>, { protocols }: WriteAnswerParts) =>
  protocols[isSoap(of.protocol) ? 'soap' : 'rest'];

const TYPES = {
  soap11: 'text/xml',
  soap12: 'application/soap+xml',
  rest: 'application/json',
  cloudevents: 'application/json',
};

function failure(
  fault: Awaited<ReturnType<typeof refusedBy>>,
  wanted: Wanted,
  { id }: Message,
  parts: WriteAnswerParts,
): Reply {
  const context = { id, statusUrl: null, acknowledged: false, language: 'it' } as const;
  return codecFor(wanted, parts).refused(fault, { headers: { 'content-type': TYPES[wanted.protocol] } }, context);
}

async function writeAnew(
  answer: Message,
  { headers, body }: Pick<Reply, 'headers'> & { readonly body: Buffer },
  { wanted, receiver }: { readonly wanted: Wanted; readonly receiver: string },
  parts: WriteAnswerParts,
): Promise<Reply> {
  const { name, xsd, output } = publishedOperation(answer, parts.registry());
  const published = { name: `The answer of ${name}`, xsd, element: output };
  if (body.length === 0) return empty(answer, wanted, parts);
  const payload = await codecFor(answer, parts).payload(headers, body);
  const converted = convert(payload, isSoap(wanted.protocol) ? 'xml' : wanted.format, published, parts.mediator);
  const { publicUrl } = parts;
  const correlationNamespace = output?.namespace ?? null;
  const facts = { soapAction: null, eventType: null, receiver, publicUrl, correlationNamespace };
  const compose = parts.compose[wanted.protocol === 'cloudevents' ? 'rest' : wanted.protocol];
  return { status: 200, ...compose(answer, converted, facts) };
}

/** A success that says nothing. */
function empty(answer: Message, wanted: Wanted, parts: WriteAnswerParts): Reply {
  const { protocol } = wanted;
  const asked = { protocol, document: emptyDocument(), hints: NO_HINTS };
  return { status: isSoap(protocol) ? 200 : 204, ...codecFor(wanted, parts).answered(asked, null, answer) };
}

const NO_HINTS = { soapAction: null, actionParameter: null, wsaAction: null, element: null, eventType: null };
