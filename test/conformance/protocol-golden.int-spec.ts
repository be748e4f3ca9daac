import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../src/message/fault.js';
import type { FaultCode } from '../../src/message/fault-catalogue.js';
import type { Reply } from '../../src/message/stages.js';
import { ACCEPTANCE, CONTEXT, decoded, documents, PROTOCOLS } from './protocol-bench.js';
import { FORMS } from './protocol-forms.js';

const GOLDEN = join(import.meta.dirname, '../fixtures/protocol');
const GATEWAY_XSD = join(import.meta.dirname, '../../schemas/crocevia/1.0/gateway.xsd');

afterAll(() => documents.stop());

const VIOLATIONS = [
  {
    path: '/Envelope/Body/notificaVariazioneAnagrafica/residenzaNuova/cap',
    line: 38,
    column: 9,
    rule: 'pattern',
    expected: '[0-9]{5}',
    found: '<6703&>',
    message: 'cap is "<6703&>", expected [0-9]{5}.',
  },
  { path: '/a', line: null, column: null, rule: 'required', expected: 'b', found: null, message: 'b is missing.' },
];

/** One refusal for each way in which answers differ. */
const REFUSALS: readonly Fault[] = [
  new Fault('schema-violation', {
    detail: '2 errors; the first: cap',
    expected: '[0-9]{5}',
    violations: VIOLATIONS,
    truncated: true,
  }),
  new Fault('credentials-missing', { detail: 'The request carries no credential.', place: 'Authorization' }),
  new Fault('method-not-allowed', { detail: 'GET is not allowed here.', place: 'method', expected: 'POST, PUT' }),
  new Fault('media-type-unsupported', {
    detail: 'No.',
    place: 'Content-Type',
    expected: 'text/xml, application/soap+xml',
  }),
  new Fault('media-type-unsupported', { detail: 'No.', place: 'Content-Encoding', expected: 'no content coding' }),
  new Fault('too-large', {
    detail: 'The request is larger than 10 bytes.',
    place: 'body',
    expected: 'at most 10 bytes',
  }),
  new Fault('duplicate-conflict', { detail: 'The id "a" was used for another content.', place: 'message id' }),
  new Fault('participant-unknown', { detail: 'No participant "c_z999".', place: 'address: participant' }),
  new Fault('soap-version-mismatch', { detail: 'Envelope of "urn:other".', place: '/Envelope', expected: 'urn:a' }),
  new Fault('header-not-understood', { detail: 'Not understood: Security.', place: '{urn:wsse}Security {}T' }),
  new Fault('store-unavailable', { detail: 'The ledger is away.' }),
  new Fault('overloaded', { detail: 'Later.', retryAfterSeconds: 1.5 }),
  new Fault('internal', { detail: 'The gateway failed on its side.', cause: new Error('a secret') }),
];

const show = (name: string, { status, headers, body }: Reply) =>
  [
    `### ${name}`,
    `HTTP ${status}`,
    ...Object.entries(headers).map(([key, value]) => `${key}: ${value}`),
    '',
    `${body.toString()}\n`,
  ]
    .join('\n')
    .trimEnd();

/** Compares with the file, or writes it where the environment says UPDATE_GOLDEN. */
function golden(file: string, text: string): void {
  const path = join(GOLDEN, file);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

const refusals = (contentType: string, language: 'it' | 'en' = 'it') =>
  REFUSALS.map((fault) => {
    const protocol = contentType.includes('json') ? PROTOCOLS.rest : PROTOCOLS.soap;
    const reply = protocol.refused(fault, { headers: { 'content-type': contentType } }, { ...CONTEXT, language });
    return { code: fault.code, reply };
  });
const showAll = (list: readonly { code: FaultCode; reply: Reply }[]) =>
  `${list.map(({ code, reply }) => show(code, reply)).join('\n\n')}\n`;

async function acceptances(): Promise<readonly { readonly name: string; readonly reply: Reply }[]> {
  const list: { name: string; reply: Reply }[] = [];
  for (const { name, binding, write } of FORMS.filter((form) =>
    /^(SOAP 1..|REST JSON|.*structured JSON)$/.test(form.name),
  )) {
    for (const acknowledged of binding === 'soap' ? [true, false] : [true]) {
      const sent = write(binding === 'soap' ? '<m/>' : '{}', { messageId: 'urn:uuid:1' });
      const context = { ...CONTEXT, acknowledged };
      const reply = await decoded(binding, sent, (message) =>
        PROTOCOLS[binding].accepted(message, ACCEPTANCE, context),
      );
      list.push({ name: acknowledged ? name : `${name}, no published output`, reply });
    }
  }
  return list;
}

describe('answers as they are written', () => {
  it('4: SOAP 1.1 faults', () => golden('soap11-refusals.http', showAll(refusals('text/xml'))));
  it('4: SOAP 1.2 faults', () => golden('soap12-refusals.http', showAll(refusals('application/soap+xml'))));
  it('4: problems', () => golden('problems.http', showAll(refusals('application/json', 'en'))));
  it('4: acceptances', async () => {
    const text = (await acceptances()).map(({ name, reply }) => show(name, reply)).join('\n\n');
    golden('acceptances.http', `${text}\n`);
  });

  it('5: tell nothing of the gateway’s own errors', () => {
    for (const type of ['text/xml', 'application/soap+xml', 'application/json'])
      expect(showAll(refusals(type))).not.toContain('a secret');
  });
});

/** Reads each envelope as zeep does, and holds what the gateway says in it against its published schema. */
const READER = `
import json, sys
from lxml import etree
import zeep
from zeep.wsdl.bindings.soap import Soap11Binding, Soap12Binding
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
G = '{https://schemi.crocevia.example/gateway/1.0}'
class Client: pass
for item in json.load(open(sys.argv[2])):
    doc = etree.fromstring(item['body'].encode())
    own = list(doc.iter(G + 'errore', G + 'presaInCarico'))
    assert len(own) == 1, item['body']
    schema.assertValid(etree.fromstring(etree.tostring(own[0])))
    if item['fault']:
        binding = Soap11Binding if item['version'] == 'soap11' else Soap12Binding
        client = Client(); client.wsdl = Client(); client.wsdl.types = Client()
        client.wsdl.types.prefix_map = {}; client.wsdl.types.documents = []
        try:
            b = binding.__new__(binding); b.wsdl = client.wsdl
            b.process_error(doc, None)
        except zeep.exceptions.Fault as fault:
            print(fault.code, '|', fault.message)
`;

const PYTHON = '/usr/bin/python3';
if (!existsSync(PYTHON) || spawnSync(PYTHON, ['-c', 'import zeep, lxml']).status !== 0)
  console.log('python3-zeep: not on this machine, its reading of our answers is left out');
else
  describe('another reader', () => {
    it('4: zeep finds code and reason of every fault, and our schema holds', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'crocevia-golden-'));
      try {
        const items = [
          ...refusals('text/xml').map(({ reply }) => ({ version: 'soap11', fault: true, body: reply.body })),
          ...refusals('application/soap+xml').map(({ reply }) => ({
            version: 'soap12',
            fault: true,
            body: reply.body,
          })),
          ...(await acceptances())
            .filter(({ reply }) => reply.body.toString().startsWith('<'))
            .map(({ reply }) => ({ version: '', fault: false, body: reply.body })),
        ];
        const file = join(directory, 'items.json');
        writeFileSync(file, JSON.stringify(items));
        const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', READER, GATEWAY_XSD, file], { encoding: 'utf8' });
        expect([status, stderr]).toEqual([0, '']);
        const lines = stdout.trim().split('\n');
        expect(lines).toHaveLength(2 * REFUSALS.length);
        expect(lines[0]).toMatch(/^soap:Client \| Messaggio non conforme .*: 2 errors/);
        expect(lines[REFUSALS.length]).toMatch(/^env:Sender \| Messaggio non conforme .*: 2 errors/);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  });
