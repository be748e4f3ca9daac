import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openXmlInThread } from '../../src/protocol/xml/open.js';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { XML_LIMITS } from '../../src/protocol/xml/limits.js';
import type { SchemaBundle } from '../../src/message/document.js';
import type { Registry } from '../../src/registry/registry.js';

const CORPORA = resolve('../shared/corpora/schemas');
const present = existsSync(join(CORPORA, 'index.json'));
if (!present) console.log('no schema corpora beside the project: the suite over them is skipped');

interface IndexedSet {
  readonly name: string;
  readonly valid: readonly { readonly file: string; readonly schema: string }[];
  readonly invalid: readonly { readonly file: string; readonly schema: string }[];
}

/** Service of the registry below -> the schema that the index names for its instances. */
const SERVICES = {
  Anpr3000: 'anpr-comuni/3000serviziConsultazione.all.xsd',
  Destinatario: 'agid-segnatura-protocollo/interfaces_SOAP/protocollo-destinatario.all.xsd',
  Segnatura: 'agid-segnatura-protocollo/segnatura_protocollo.xsd',
  FatturaPA: 'fatturapa-1.2/FatturaPA_v1.2.xsd',
} as const;

const documents = `kind: service
id: Anpr3000
version: 1
title: ANPR, consultazione
wsdl: ${CORPORA}/anpr-comuni/3000serviziConsultazione.wsdl
---
kind: service
id: Destinatario
version: 1
title: AgID, protocollo destinatario
wsdl: ${CORPORA}/agid-segnatura-protocollo/interfaces_SOAP/protocollo-destinatario.wsdl
operations:
  - { name: MessaggioInoltro, profile: async-receipt }
---
kind: service
id: Segnatura
version: 1
title: AgID, segnatura
xsd: ${CORPORA}/agid-segnatura-protocollo/segnatura_protocollo.xsd
operations:
  - name: segnatura
    profile: one-way
    element: { namespace: http://www.agid.gov.it/protocollo/, name: SegnaturaInformatica }
---
kind: service
id: FatturaPA
version: 1
title: Fattura elettronica
xsd: ${CORPORA}/fatturapa-1.2/FatturaPA_v1.2.xsd
operations:
  - name: trasmetti
    profile: one-way
    element: { namespace: http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2, name: FatturaElettronica }
`;

(present ? describe : describe.skip)('published schemas of public bodies', () => {
  let directory: string;
  let registry: Registry;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crocevia-corpora-'));
    await writeFile(join(directory, 'services.yaml'), documents);
    registry = await createFileRegistry({ directory, env: {} }).reload();
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('2: takes the operations of the ANPR and AgID interfaces', () => {
    const anpr = registry.service('Anpr3000', 1)?.operations ?? [];
    expect(anpr).toHaveLength(8);
    expect(anpr.find(({ name }) => name === 'interrogazioneCittadino_famiglia_convivenza')).toMatchObject({
      profile: 'query',
      element: { namespace: 'http://sogei.it/ANPR/3000consultazione', name: 'Richiesta3002' },
    });
    expect(registry.service('Destinatario', 1)?.operations).toMatchObject([
      {
        profile: 'async-receipt',
        soapAction: null,
        element: { namespace: 'http://ws.protocollo.comunicazione.aoo.destinatario/', name: 'RequestMessageInoltro' },
        acknowledged: false,
      },
    ]);
  });

  it('2: gives the right verdict on every indexed instance', () => {
    const index = JSON.parse(readFileSync(join(CORPORA, 'index.json'), 'utf8')) as readonly IndexedSet[];
    const cases = Object.entries(SERVICES).flatMap(([service, schema]) =>
      (['valid', 'invalid'] as const).flatMap((verdict) =>
        index
          .flatMap((set) => set[verdict])
          .filter((instance) => instance.schema === schema)
          .map(({ file }) => ({ service, verdict, file })),
      ),
    );
    const wrong = cases.filter(({ service, verdict, file }) => {
      const bundle = registry.service(service, 1)?.operations[0]?.xsd ?? null;
      return verdictOf(file, bundle) !== verdict;
    });
    console.log(`${cases.length} instances of 4 published interfaces`);
    expect(wrong).toEqual([]);
    expect(cases).toHaveLength(21);
  });
});

function verdictOf(file: string, schema: SchemaBundle | null): 'valid' | 'invalid' {
  const document = openXmlInThread(readFileSync(join(CORPORA, file)), null, XML_LIMITS);
  try {
    return document.examine({ schema, extract: {} }).violations.length === 0 ? 'valid' : 'invalid';
  } finally {
    document.close();
  }
}
