import type { Documents, OpenDocument } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import type { AnswerReading } from '../protocol.js';
import { readCarriage } from './carriage.js';
import { SOAP, type SoapVersion } from './versions.js';

const MAX_ANSWER_BYTES = 1_048_576;
const MAX_REASON = 500;
const NO_FAULT: AnswerReading = { fault: null };

/** Paths below Fault (SOAP 1.1 §4.4, SOAP 1.2 Part 1 §5.4). */
const FAULT_PATHS: Readonly<Record<SoapVersion, Readonly<Record<string, string>>>> = {
  soap11: { code: 'faultcode', reason: 'faultstring' },
  soap12: { code: 'Code/Value', subcode: 'Code/Subcode/Value', reason: 'Reason/Text' },
};

/**
 * Looks for a SOAP fault, whatever the HTTP status. An answer that is no SOAP, is over 1 MiB or cannot be read holds no
 * fault: its status alone speaks, so that a 2xx with an unreadable body counts as delivered (the receiver has it).
 */
export async function readSoapAnswer(
  documents: Documents,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<AnswerReading> {
  if (body.length === 0 || body.length > MAX_ANSWER_BYTES) return NO_FAULT;
  try {
    const { envelope, charset } = readCarriage(headers['content-type'], body);
    const document = await documents.openXml(envelope, charset);
    try {
      return await readFault(document);
    } finally {
      document.close();
    }
  } catch (error) {
    if (error instanceof Fault) return NO_FAULT;
    throw error;
  }
}

async function readFault(document: OpenDocument): Promise<AnswerReading> {
  const envelope = document.xml?.envelope;
  const [first] = envelope?.body ?? [];
  if (!envelope || first?.name !== 'Fault' || first.namespace !== SOAP[envelope.version].namespace) return NO_FAULT;
  const { extracted } = await document.examine({ schema: null, extract: FAULT_PATHS[envelope.version] });
  const codes = [extracted['code'], extracted['subcode']].flatMap((code) =>
    code ? [code.replace(/^[^:]*:/, '')] : [],
  );
  const reason = extracted['reason']?.slice(0, MAX_REASON) || 'The receiver gave no reason.';
  return { fault: { reason, blame: /^(Client|Sender)\b/.test(codes[0] ?? '') ? 'sender' : 'receiver', codes } };
}
