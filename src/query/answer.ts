import { convert } from '../mediation/convert.js';
import type { Mediator } from '../mediation/mediator.js';
import { Fault } from '../message/fault.js';
import type { Arrival, Reply } from '../message/stages.js';
import type { Validated } from '../policy/stages.js';
import { NO_DOCUMENT } from '../protocol/no-answer.js';
import type { AnswerCodec, OpenAnswer, Payload, Protocol } from '../protocol/protocol.js';
import type { Question } from './asked.js';
import { answerHeaders } from './carried-headers.js';
import { invalidAnswer, refusedBy, requireValidAnswer } from './judge-answer.js';
import { outsideHeaders, outsideLocation } from './location.js';
import type { Answered } from './ports.js';

type Codec = Protocol & AnswerCodec;

/**
 * Turns what a provider answered into the consumer's reply: held against the published interface, passed on as it came
 * where both speak one protocol, else written anew. Throws answer-invalid, receiver-error, receiver-refused,
 * mediation-failed.
 */
export type ReadAnswer = (question: Question, answer: Answered) => Promise<Reply>;

export interface AnswerParts {
  readonly codecs: Readonly<Record<'soap' | 'rest', Codec>>;
  readonly mediator: Mediator;
  readonly publicUrl: string;
}

export function createReadAnswer(parts: AnswerParts): ReadAnswer {
  return async (question, answer) => {
    const spoken = question.endpoint.protocol;
    const codec = parts.codecs[spoken === 'rest' ? 'rest' : 'soap'];
    const open = await openAnswer(codec, answer);
    try {
      if (open.isFault && spoken !== question.asked.protocol) throw await refusedBy(codec, answer, question.item);
      await requireValidAnswer(codec, open, answer, question);
      if (spoken === question.asked.protocol) return passOn(answer, question, parts.publicUrl);
      return await writeAnew(codec, answer, question, parts);
    } finally {
      open.close();
    }
  };
}

/** A part (206) is no document. What cannot be read of a success is an invalid answer, of a failure just its status. */
export async function openAnswer(codec: Codec, { status, headers, body }: Answered): Promise<OpenAnswer> {
  if (status >= 600) throw invalidAnswer(`The status ${status} is none of HTTP.`, 'status', '200 to 599');
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding !== 'identity')
    throw invalidAnswer(`The answer is coded as ${coding}.`, 'Content-Encoding', 'identity, as asked');
  if (status === 206) return NO_DOCUMENT;
  try {
    return await codec.openAnswer(headers, body);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (status >= 400) return NO_DOCUMENT;
    throw invalidAnswer(`${error.code}: ${error.info.detail}`, error.info.place, error.info.expected);
  }
}

function passOn({ status, headers, body }: Answered, { item, endpoint }: Question, publicUrl: string): Reply {
  const outside = (location: string) => outsideLocation(location, item, endpoint, publicUrl);
  return { status, headers: outsideHeaders(answerHeaders(headers), outside), body };
}

async function writeAnew(
  codec: Codec,
  answer: Answered,
  { asked, item }: Question,
  parts: AnswerParts,
): Promise<Reply> {
  const payload = answer.body.length === 0 ? null : await codec.payload(answer.headers, answer.body);
  const own = parts.codecs[asked.binding === 'rest' ? 'rest' : 'soap'];
  const converted = payload && convert(payload, wantedFormat(asked), publishedAnswer(asked), parts.mediator);
  const { headers, body } = own.answered(asked, converted, item.message);
  const status = asked.binding === 'rest' && converted === null ? 204 : 200;
  return { status, headers, body };
}

/** JSON for REST, unless only XML is asked for. */
function wantedFormat({ binding, headers }: Pick<Arrival, 'binding' | 'headers'>): Payload['format'] {
  const accept = headers['accept'] ?? '';
  return binding !== 'rest' || (/\bxml\b/i.test(accept) && !/json|\*\/\*|application\/\*/i.test(accept))
    ? 'xml'
    : 'json';
}

const publishedAnswer = ({ operation: { name, xsd, output } }: Validated) => ({
  name: `The answer of ${name}`,
  xsd,
  element: output,
});
