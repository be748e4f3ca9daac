import type { Documents } from '../../message/document.js';
import type { AnswerCodec, Protocol } from '../protocol.js';
import { extractPayload } from '../xml/payload.js';
import { acceptedInSoap } from './accepted.js';
import { answeredInSoap, openSoapAnswer } from './query-answer.js';
import { answerVersion, readCarriage } from './carriage.js';
import { decodeSoap } from './decode.js';
import { readSoapAnswer } from './read-answer.js';
import { refusedInSoap } from './refused.js';

/** SOAP 1.1 and 1.2 over HTTP, bare, with attachments and as MTOM. */
export function createSoap(documents: Documents): Protocol & AnswerCodec {
  return {
    binding: 'soap',
    decode: (arrival, body) => decodeSoap(documents, arrival, body),
    accepted: acceptedInSoap,
    refused: (fault, { headers }, context) => refusedInSoap(fault, answerVersion(headers['content-type']), context),
    payload: async (headers, content) => {
      const { envelope, charset, attachments } = readCarriage(headers['content-type'], content);
      return { format: 'xml', bytes: extractPayload(envelope, charset), attachments };
    },
    openAnswer: (headers, body) => openSoapAnswer(documents, headers, body),
    answered: answeredInSoap,
    readAnswer: (_status, headers, body) => readSoapAnswer(documents, headers, body),
  };
}
