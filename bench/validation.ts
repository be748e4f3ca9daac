/**
 * Measures what reading and validating the 2 KiB SOAP message of the bench costs beside the bare library with the same
 * bytes: BATCHES (60) x 500 messages each, in turn, and prints ratios of the medians. Ours is what the gateway does to a
 * document in its thread until it knows whether it is valid: encoding, survey against bombs, parse, facts for routing,
 * validation of the payload. The digest of its canonical form, which is proof and not validation, is told apart.
 */
import { ParseOption, XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm';
import { DEFAULT_LIMITS, createDocuments } from '../src/protocol/documents.js';
import { envelopeParts, payloadElement } from '../src/protocol/xml/envelope.js';
import { violationsOf } from '../src/protocol/xml/examine.js';
import { xmlFacts } from '../src/protocol/xml/facts.js';
import { freeDocument } from '../src/protocol/xml/libxml.js';
import { XML_LIMITS } from '../src/protocol/xml/limits.js';
import { parseXml } from '../src/protocol/xml/parse.js';
import { xsdOf } from '../src/protocol/xml/schemas.js';
import { SourcePlaces } from '../src/protocol/xml/source-places.js';
import { schemaBundle } from '../src/registry/interface/document-names.js';
import { median } from './measure.js';
import { ENVELOPE_XSD, SOAP_MESSAGE, XSD } from './message.js';

const BATCHES = Number(process.env['BATCHES'] ?? 60);
const MESSAGES = 500;
const LIMIT = 1.5;
const bytes = Buffer.from(SOAP_MESSAGE.replace('[<id>]', '0001'));

xmlRegisterInputProvider(new XmlBufferInputProvider({ 'payload.xsd': Buffer.from(XSD) }));
const validator = XsdValidator.fromDoc(XmlDocument.fromString(ENVELOPE_XSD));
const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE;

async function bare(): Promise<void> {
  const document = XmlDocument.fromBuffer(bytes, { option });
  validator.validate(document);
  document.dispose();
}

const schema = schemaBundle('xsd', 'payload.xsd', { 'payload.xsd': XSD });

async function ours(): Promise<void> {
  const { document, root, utf8, startTags } = parseXml(bytes, 'utf-8', XML_LIMITS);
  const parts = envelopeParts(root);
  xmlFacts(root, parts);
  const { violations } = violationsOf(
    xsdOf(schema),
    payloadElement(root, parts),
    new SourcePlaces(root, utf8, startTags),
  );
  freeDocument(document);
  if (violations.length > 0) throw new Error(violations[0]?.message);
}

const documents = createDocuments(DEFAULT_LIMITS);

async function withDigest(): Promise<void> {
  const document = await documents.openXml(bytes, 'utf-8');
  const { violations } = await document.examine({ schema, extract: {} });
  document.close();
  if (violations.length > 0) throw new Error(violations[0]?.message);
}

/** Microseconds a message. */
async function batch(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  for (let message = 0; message < MESSAGES; message++) await work();
  return ((performance.now() - began) * 1000) / MESSAGES;
}

const works = { bare, ours, withDigest };
const times = { bare: [] as number[], ours: [] as number[], withDigest: [] as number[] };
for (let round = 0; round < BATCHES; round++)
  for (const name of ['bare', 'ours', 'withDigest'] as const) times[name].push(await batch(works[name]));

/** Without the first rounds, which run code that is not compiled yet. */
const settled = (all: readonly number[]) => median(all.slice(Math.floor(BATCHES / 4)));
const us = (value: number) => `${value.toFixed(0)} us`;
const [alone, valid, whole] = [settled(times.bare), settled(times.ours), settled(times.withDigest)];
const ratio = valid / alone;
const within = ratio <= LIMIT ? 'ok' : 'TOO SLOW';
console.log(
  `validation of ${bytes.length} bytes: ${us(valid)}, the bare library ${us(alone)}: ratio ${ratio.toFixed(2)}, limit ${LIMIT}: ${within}; with the digest ${us(whole)}, ratio ${(whole / alone).toFixed(2)}`,
);
if (within !== 'ok') process.exitCode = 1;
