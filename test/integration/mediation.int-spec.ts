import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SchemaBundle } from '../../src/message/document.js';
import { createMediator } from '../../src/mediation/mediator.js';
import { openJsonInThread } from '../../src/protocol/json/open.js';
import { XML_LIMITS } from '../../src/protocol/xml/limits.js';
import { openXmlInThread } from '../../src/protocol/xml/open.js';
import { diskFiles } from '../../src/registry/interface/disk-files.js';
import { interfaceFiles } from '../../src/registry/interface/interface-files.js';
import { jsonSchemaBundle } from '../../src/registry/interface/json/json-bundle.js';
import { readXsd } from '../../src/registry/interface/xml/schema-merge.js';
import { contentOf } from './mediation-content.js';

const MESSAGES = [
  ['anagrafe', 'notificaVariazioneAnagrafica'],
  ['tributi', 'richiestaPosizioneTributaria'],
  ['tributi', 'rispostaPosizioneTributaria'],
  ['protocollo', 'inoltroProtocollo'],
  ['protocollo', 'confermaProtocollazione'],
  ['suap', 'inoltroPraticaSuap'],
] as const;

const JSON_LIMITS = { maxDepth: 100, maxNodes: 400_000 };

const files = interfaceFiles({
  directory: resolve('schemas'),
  catalog: {},
  read: diskFiles().read,
  problem: (message) => {
    throw new Error(message);
  },
});

const folderOf = (area: string) => resolve('schemas', area, '1.0');

function bundlesOf(area: string, name: string): { readonly xsd: SchemaBundle; readonly json: SchemaBundle } {
  const xsd = readXsd(join(folderOf(area), `${area}.xsd`), files);
  const json = jsonSchemaBundle(join(folderOf(area), `${name}.schema.json`), files);
  if (!json || !xsd) throw new Error(`no schema ${name}`);
  return { xsd: xsd.bundle, json };
}

function xmlViolations(xml: Buffer, schema: SchemaBundle) {
  const document = openXmlInThread(xml, null, XML_LIMITS);
  try {
    return document.examine({ schema, extract: {} }).violations;
  } finally {
    document.close();
  }
}

const jsonViolations = (json: Buffer, schema: SchemaBundle) =>
  openJsonInThread(json, JSON_LIMITS).examine({ schema, extract: {} }).violations;

const valueOf = (json: Buffer): unknown => JSON.parse(json.toString());

describe.each(MESSAGES)('mediation of %s/%s', (area, name) => {
  const { xsd, json } = bundlesOf(area, name);
  const element = { namespace: `https://schemi.crocevia.example/${area}/1.0`, name };
  const mediator = createMediator();
  const index = JSON.parse(readFileSync(join(folderOf(area), 'examples/index.json'), 'utf8')) as {
    readonly valid: readonly { readonly file: string; readonly message: string }[];
  };
  const examples = index.valid.filter(({ message }) => message === name).map(({ file }) => file);
  const example = (file: string) => readFileSync(join(folderOf(area), 'examples', file));
  const stems = new Set(examples.map((file) => file.replace(/\.(xml|json)$/, '')));

  it('8: has examples in both formats', () => {
    expect(stems.size).toBeGreaterThan(0);
    expect(examples.length).toBe(stems.size * 2);
  });

  it.each([...stems])('8: turns the published example %s into its twin, both ways', (stem) => {
    const xml = example(`${stem}.xml`);
    const twin = example(`${stem}.json`);
    expect(valueOf(mediator.toJson(xsd, element, xml))).toEqual(valueOf(twin));
    const written = mediator.toXml(xsd, element, twin);
    expect(xmlViolations(written, xsd)).toEqual([]);
    expect(valueOf(mediator.toJson(xsd, element, written))).toEqual(valueOf(twin));
  });

  it('8: any content of the JSON Schema is valid XML of the XSD and comes back as it was', () => {
    fc.assert(
      fc.property(contentOf(json), (content) => {
        const sent = Buffer.from(JSON.stringify(content));
        expect(jsonViolations(sent, json)).toEqual([]);
        const xml = mediator.toXml(xsd, element, sent);
        expect(xmlViolations(xml, xsd)).toEqual([]);
        expect(valueOf(mediator.toJson(xsd, element, xml))).toEqual(content);
      }),
      { numRuns: 100 },
    );
  });
});
