import { createHash } from 'node:crypto';
import type { Examination, SchemaBundle } from '../../src/message/document.js';
import { Fault } from '../../src/message/fault.js';
import type { Acceptance, Arrival, Decoded } from '../../src/message/stages.js';
import { createCloudEvents } from '../../src/protocol/cloudevents/cloudevents.js';
import { createDocuments, DEFAULT_LIMITS } from '../../src/protocol/documents.js';
import type { AnswerContext, Protocol } from '../../src/protocol/protocol.js';
import { createRest } from '../../src/protocol/rest/rest.js';
import { createSoap } from '../../src/protocol/soap/soap.js';
import { arrivalOf, schemaText, type Sent } from './protocol-forms.js';
import { PAYLOADS } from './protocol-forms.js';

/** Everything in this thread: the worker threads have a suite of their own. */
export const documents = createDocuments({ ...DEFAULT_LIMITS, inlineXmlBytes: 1e9, inlineJsonBytes: 1e9 });

export const PROTOCOLS: Readonly<Record<Arrival['binding'], Protocol>> = {
  soap: createSoap(documents),
  rest: createRest(documents),
  cloudevents: createCloudEvents(documents),
};

const bundle = (kind: SchemaBundle['kind'], entry: string, texts: Readonly<Record<string, string>>): SchemaBundle => ({
  key: createHash('sha256').update(JSON.stringify(texts)).digest('hex'),
  kind,
  entry,
  documents: texts,
});

const plainXsd = (path: string) => schemaText(path).replace(/schemaLocation="[^"]*\/([^"/]+)"/g, 'schemaLocation="$1"');

export const SCHEMAS = {
  xml: bundle('xsd', 'anagrafe.xsd', {
    'anagrafe.xsd': plainXsd('anagrafe/1.0/anagrafe.xsd'),
    'comune.xsd': plainXsd('comune/1.0/comune.xsd'),
  }),
  /** One rule of the published JSON Schema: that document refers to others by the registry's own names. */
  json: bundle('json-schema', 'main', {
    main: JSON.stringify({
      properties: { residenzaNuova: { properties: { cap: { type: 'string', pattern: '^[0-9]{5}$' } } } },
      required: ['testata', 'tipoVariazione'],
    }),
  }),
  gateway: bundle('xsd', 'gateway.xsd', { 'gateway.xsd': plainXsd('crocevia/1.0/gateway.xsd') }),
} as const;

/** Decodes, looks, closes. */
export async function decoded<T>(
  binding: Arrival['binding'],
  { headers, body }: Sent,
  look: (decoded: Decoded) => T | Promise<T>,
): Promise<T> {
  const message = await PROTOCOLS[binding].decode(arrivalOf(binding, headers), body);
  try {
    return await look(message);
  } finally {
    message.document.close();
  }
}

export const examined = (binding: Arrival['binding'], sent: Sent, schema: SchemaBundle | null): Promise<Examination> =>
  decoded(binding, sent, ({ document }) =>
    document.examine({ schema, extract: { sender: 'testata/codiceIpaMittente' } }),
  );

/** The fault with which a request is refused. */
export async function refusal(binding: Arrival['binding'], sent: Sent): Promise<Fault> {
  try {
    await decoded(binding, sent, () => undefined);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export const ACCEPTANCE: Acceptance = {
  message: {
    id: '0192f0c1-7a10-7cc3-8f4e-0a1b2c3d4e5f',
    messageId: 'urn:uuid:5f0c5a3e-6d0b-4a5e-9a3e-2f8d5f0b7a01',
    correlationId: 'pratica-7',
    acceptedAt: new Date('2026-11-23T08:15:00.250Z'),
  },
  duplicate: false,
};

export const CONTEXT: AnswerContext = {
  statusUrl: 'https://gateway.example/messages/0192f0c1-7a10-7cc3-8f4e-0a1b2c3d4e5f',
  acknowledged: true,
  id: '0192f0c1-7a10-7cc3-8f4e-0a1b2c3d4e5f',
  language: 'it',
};

/** Of the canonical form of the valid payload. */
export const digestOf = async (format: 'xml' | 'json') => {
  const bytes = Buffer.from(PAYLOADS[format].valid);
  const document = await (format === 'xml' ? documents.openXml(bytes, null) : documents.openJson(bytes));
  const { digest } = await document.examine({ schema: null, extract: {} });
  document.close();
  return digest;
};
