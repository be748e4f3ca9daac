import { createHash } from 'node:crypto';
import { Fault } from '../message/fault.js';
import type { SchemaBundle } from '../message/document.js';
import type { GivenAnswer } from '../message/answer.js';
import type { Party, ProtocolName } from '../message/message.js';
import type { Acceptance } from '../message/stages.js';
import { requireValid } from '../policy/validate.js';
import type { AnswerCodec, OpenAnswer } from '../protocol/protocol.js';
import type { Operation } from '../registry/model.js';
import { isAnswerOf, publishedOperation } from '../registry/published-operation.js';
import type { Registry } from '../registry/registry.js';
import type { KeepAnswer } from './keep-answer.js';
import type { Exchanges } from './ports.js';

/**
 * Takes the answer of the system to message `id`: durable, as a message of its own that goes to the sender's callback or
 * lies there until the sender fetches it. The same answer again is answered like the first. Throws message-unknown,
 * media-type-unsupported, schema-violation, duplicate-conflict for another one, the faults of reading, store-unavailable.
 */
export type TakeAnswer = (caller: Party, id: string, answer: GivenAnswer) => Promise<Acceptance>;

interface TakeAnswerParts {
  readonly exchanges: Pick<Exchanges, 'askedOf'>;
  readonly keep: KeepAnswer;
  readonly codecs: Readonly<Record<'soap' | 'rest', Pick<AnswerCodec, 'openAnswer'>>>;
  readonly registry: () => Pick<Registry, 'service'>;
}

export function createTakeAnswer({ exchanges, keep, codecs, registry }: TakeAnswerParts): TakeAnswer {
  return async (caller, id, given) => {
    const asked = await exchanges.askedOf(caller.system, id);
    if (!asked) throw unknownMessage(id);
    const protocol = protocolOf(given.headers);
    const open = await codecs[protocol === 'rest' ? 'rest' : 'soap'].openAnswer(given.headers, given.body);
    try {
      const digest = await examined(open, given, publishedOperation(asked, registry()));
      return await keep(asked, caller, { ...given, status: toldStatus(given, open) }, { protocol, digest });
    } finally {
      open.close();
    }
  };
}

export const unknownMessage = (id: string) =>
  new Fault('message-unknown', {
    detail: `No message "${id.slice(0, 64)}" was sent to your system for an answer.`,
    place: 'address',
    expected: 'the address in X-ReplyTo of the delivery',
  });

/** A SOAP fault is a failure, whatever it was posted as. */
const toldStatus = ({ status }: GivenAnswer, { isFault }: OpenAnswer) => (isFault && status < 400 ? 500 : status);

function protocolOf(headers: GivenAnswer['headers']): ProtocolName {
  const type = headers['content-type'] ?? '';
  if (/^\s*(application\/soap\+xml|multipart\/related.*soap\+xml)/is.test(type)) return 'soap12';
  return /^\s*(text\/xml|multipart\/related)/i.test(type) ? 'soap11' : 'rest';
}

/** A failure is taken as it is: what is published describes successes. */
async function examined(open: OpenAnswer, { status, body }: GivenAnswer, operation: Operation): Promise<string> {
  const { document, element, isFault } = open;
  const isHeld = status < 400 && !isFault;
  const schema = isHeld ? schemaFor(open, operation) : null;
  if (isHeld && document?.format === 'xml') requireElement(element, operation);
  const examination = await document?.examine({ schema, extract: {} });
  if (examination) requireValid(examination);
  const digest = examination?.digest ?? createHash('sha256').update(body).digest('hex');
  return status === 200 ? digest : createHash('sha256').update(`${status} ${digest}`).digest('hex');
}

/** Null where nothing is published, and every answer is right. Throws media-type-unsupported for what none could be held against. */
function schemaFor({ document }: OpenAnswer, { name, output, xsd, answerSchema }: Operation): SchemaBundle | null {
  const inXml = output && xsd;
  const schema = document && (document.format === 'xml' ? inXml : answerSchema);
  if (schema || (!inXml && !answerSchema)) return schema;
  throw new Fault('media-type-unsupported', {
    detail: `The answer to ${name} is published, but not as ${document?.format ?? 'what was sent'}.`,
    place: 'Content-Type',
    expected: [answerSchema && 'application/json', inXml && 'application/xml'].filter(Boolean).join(', '),
  });
}

function requireElement(found: OpenAnswer['element'], operation: Operation): void {
  const { output, name } = operation;
  if (!output || isAnswerOf(operation, found)) return;
  throw new Fault('operation-ambiguous', {
    detail: `The answer to ${name} holds ${found?.name ?? 'nothing'}.`,
    place: 'body element',
    expected: `{${output.namespace}}${output.name}`,
  });
}
