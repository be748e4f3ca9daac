import { Fault } from '../src/message/fault.js';
import { parseAddress } from '../src/ingress/address.js';
import { createCloudEvents } from '../src/protocol/cloudevents/cloudevents.js';
import { createDocuments, DEFAULT_LIMITS } from '../src/protocol/documents.js';
import { parseMediaType } from '../src/protocol/mime/media-type.js';
import { splitParts } from '../src/protocol/mime/parts.js';
import { createRest } from '../src/protocol/rest/rest.js';
import { createSoap } from '../src/protocol/soap/soap.js';
import type { Identified, StationClock } from '../src/message/stages.js';
import type { Protocol } from '../src/protocol/protocol.js';
import { readBundle } from '../src/registry/bundle/bundle.js';
import { documentsIn } from '../src/registry/bundle/transfer-documents.js';
import { callbackFor } from '../src/registry/callback.js';
import { parseJsonDocument, parseYaml } from '../src/registry/interface/json/json-documents.js';
import { RegistryError } from '../src/registry/registry.js';

/** Reads bytes that a stranger sent. It may refuse them, as {@link isRefusal} says, and nothing else. */
export type Target = (bytes: Buffer) => Promise<unknown>;

/** All in this thread, where the coverage is looked at. */
const documents = createDocuments({ ...DEFAULT_LIMITS, inlineXmlBytes: 1e9, inlineJsonBytes: 1e9 });
const soap = createSoap(documents);
const rest = createRest(documents);
const events = createCloudEvents(documents);
const CLOCK: StationClock = { mark: () => undefined, note: () => undefined, marks: [], fork: () => CLOCK };
const ADDRESS = { participant: 'c_h007', version: 1, service: 'Prova', path: '/prove', query: '', method: 'POST' };

function arrival(binding: Identified['binding'], headers: Readonly<Record<string, string>>): Identified {
  const caller = { participant: 'c_i804', system: 'sulmona' };
  return { door: 'http', binding, address: ADDRESS, headers, arrivedAt: new Date(0), clock: CLOCK, caller };
}

const decoding =
  (protocol: Protocol, contentType: string, more: Readonly<Record<string, string>> = {}): Target =>
  async (bytes) => {
    const headers = { 'content-type': contentType, ...more };
    const decoded = await protocol.decode(arrival(protocol.binding, headers), bytes);
    try {
      await decoded.document.examine({ schema: null, extract: {} });
    } finally {
      decoded.document.close();
    }
  };

const EVENT = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/c_i804', 'ce-type': 'it.prova' };
const RELATED = 'multipart/related; type="text/xml"; boundary=BB';

export const TARGETS: Readonly<Record<string, Target>> = {
  soap11: decoding(soap, 'text/xml; charset=utf-8', { soapaction: '"urn:x"' }),
  soap12: decoding(soap, 'application/soap+xml; charset=utf-8'),
  multipart: decoding(soap, RELATED),
  'rest-json': decoding(rest, 'application/json'),
  'rest-xml': decoding(rest, 'application/xml'),
  'event-structured': decoding(events, 'application/cloudevents+json'),
  'event-binary': decoding(events, 'application/json', EVENT),
  'soap-answer': async (bytes) => {
    await soap.readAnswer(500, { 'content-type': 'text/xml' }, bytes);
    (await soap.openAnswer({ 'content-type': 'text/xml' }, bytes)).close();
  },
  'rest-answer': async (bytes) => {
    await rest.readAnswer(500, { 'content-type': 'application/problem+json' }, bytes);
    (await rest.openAnswer({ 'content-type': 'application/json' }, bytes)).close();
  },
  parts: async (bytes) => splitParts(bytes, 'BB'),
  'media-type': async (bytes) => parseMediaType(bytes.toString('latin1')),
  address: async (bytes) => parseAddress('POST', `/${bytes.toString('latin1')}`),
  callback: async (bytes) =>
    callbackFor(bytes.toString('utf8'), [{ url: 'https://a.example/b', timeoutMs: 1, headers: {} }]),
  'interface-json': async (bytes) => parseJsonDocument(bytes.toString('utf8'), true),
  'interface-yaml': async (bytes) => parseYaml(bytes.toString('utf8'), true),
  registry: async (bytes) => documentsIn('a.yaml', bytes, () => undefined),
  bundle: async (bytes) => readBundle(bytes),
};

/** A refusal that is told to who sent; anything else is a bug. Readers of interfaces say theirs as plain errors. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Fault
    ? error.code !== 'internal'
    : error instanceof RegistryError ||
      error instanceof SyntaxError ||
      (error instanceof Error && ['Error', 'YamlError'].includes(error.constructor.name));
