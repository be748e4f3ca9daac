import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SchemaBundle } from '../../src/message/document.js';
import { createDocuments, DEFAULT_LIMITS } from '../../src/protocol/documents.js';

/** What a published schema may hold everybody up for. */
const AT_MOST_MS = 700;

const xsd = (content: string): SchemaBundle => {
  const main = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a"
    elementFormDefault="qualified"><xs:element name="m">${content}</xs:element></xs:schema>`;
  const key = createHash('sha256').update(main).digest('hex');
  return { key, kind: 'xsd', entry: 'main', documents: { main } };
};
const optional = (count: number) =>
  Array.from({ length: count }, (_, index) => `<xs:element name="e${index}" minOccurs="0" maxOccurs="9"/>`).join('');
/** Takes more than a second to compile. */
const LARGE = xsd(`<xs:complexType><xs:sequence maxOccurs="500">${optional(150)}</xs:sequence></xs:complexType>`);
const pattern = (value: string) =>
  xsd(
    `<xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="${value}"/></xs:restriction></xs:simpleType>`,
  );

const documents = createDocuments(DEFAULT_LIMITS);
afterAll(() => documents.stop());

async function heldUp(schema: SchemaBundle, text: string): Promise<number> {
  const held = monitorEventLoopDelay({ resolution: 5 });
  held.enable();
  const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><m xmlns="urn:a">${text}</m></e:Body></e:Envelope>`;
  const document = await documents.openXml(Buffer.from(body), null);
  try {
    await document.examine({ schema, extract: {} }).catch(() => undefined);
  } finally {
    document.close();
  }
  await new Promise(setImmediate);
  held.disable();
  return held.max / 1e6;
}

describe('a schema that costs much', () => {
  it('1: is compiled for a small message while others are served, whenever one comes', async () => {
    for (let message = 0; message < 3; message++) expect(await heldUp(LARGE, '')).toBeLessThan(AT_MOST_MS);
  }, 60_000);

  it.each(['((a{0,200}){0,200}){0,200}', '(.*)*(.*)*(.*)*x', '((a{0,200}&#41;{0,200}){0,200}'])(
    '1: the pattern %s is tried on a small message while others are served',
    async (value) => {
      for (let message = 0; message < 2; message++)
        expect(await heldUp(pattern(value), `${'a'.repeat(2_000)}!`)).toBeLessThan(AT_MOST_MS);
    },
    60_000,
  );

  it('1: a cheap one is used where the message is read, after its first use', async () => {
    const schema = pattern('[a-z]{3}');
    const order = { schema, extract: {} };
    for (const text of ['abc', 'ab', 'abc']) {
      const document = await documents.openXml(Buffer.from(`<m xmlns="urn:a">${text}</m>`), null);
      expect((await document.examine(order)).violations).toHaveLength(text === 'abc' ? 0 : 1);
      document.close();
    }
  });
});
