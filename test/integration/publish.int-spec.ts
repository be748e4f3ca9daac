import { packBundle } from '../../src/registry/bundle/bundle.js';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { publicationOf, type PublicationOrder } from '../../src/registry/publish/publish.js';
import { RegistryError, type Registry } from '../../src/registry/registry.js';

const XSD = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';
const NOTA = `<xs:schema ${XSD} targetNamespace="urn:nota">
  <xs:element name="nota" type="xs:string"/>
</xs:schema>`;
const WSDL = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:n="urn:nota" xmlns:t="urn:nota:wsdl" targetNamespace="urn:nota:wsdl">
  <types><xs:schema ${XSD}><xs:import namespace="urn:nota" schemaLocation="nota.xsd"/></xs:schema></types>
  <message name="invia"><part name="body" element="n:nota"/></message>
  <portType name="Nota"><operation name="inviaNota"><input message="t:invia"/></operation></portType>
  <binding name="Nota" type="t:Nota">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="inviaNota"><soap:operation soapAction=""/><input><soap:body use="literal"/></input></operation>
  </binding>
</definitions>`;
const API = (info: string) =>
  JSON.stringify({
    openapi: '3.0.3',
    info: { version: '1', ...JSON.parse(info) },
    paths: { '/note': { post: { responses: { '202': {} } } } },
  });

describe('a bundle that is published', () => {
  let registry: Registry;
  beforeAll(
    async () => void (registry = await createFileRegistry({ directory: 'examples/registry', env: {} }).reload()),
  );

  const publish = async (files: Readonly<Record<string, string>>, order: PublicationOrder = {}) =>
    publicationOf(
      await packBundle(new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]))),
      order,
      registry,
    );
  const refused = async (files: Readonly<Record<string, string>>, order: PublicationOrder = {}) => {
    const error: unknown = await publish(files, order).catch((thrown: unknown) => thrown);
    if (!(error instanceof RegistryError)) throw new Error('it was taken', { cause: error });
    return error.problems;
  };

  it('1: without an id or a version it is told how to say them', async () => {
    const files = { 'nota.wsdl': WSDL, 'nota.xsd': NOTA };
    const hint = expect.stringMatching(/--id and --service-version.*service\.yaml/) as unknown;
    expect(await refused(files)).toMatchObject([
      { file: '', message: 'nothing says the id and version of the service', hint },
    ]);
    expect(await refused({ ...files, 'service.yaml': 'id: Nota\nwsdl: nota.wsdl\n' })).toMatchObject([
      { file: 'service.yaml', message: 'nothing says the version of the service', hint },
    ]);
  });

  it('1: what is not well-formed is told alone, without what follows from it', async () => {
    const files = { 'nota.wsdl': WSDL, 'nota.xsd': NOTA.replace('type="xs:string"/>', 'type="xs:string">') };
    const found = { severity: 'error', file: 'nota.xsd', line: 3, message: '</xs:schema> ends <xs:element>' };
    expect(await refused(files, { id: 'Nota', version: 1 })).toMatchObject([found]);
    const listed = `operations: [{ name: inviaNota, element: { namespace: 'urn:nota', name: nota } }]\nwsdl: nota.wsdl\nxsd: nota.xsd\n`;
    expect(await refused({ ...files, 'service.yaml': listed }, { id: 'Nota', version: 1 })).toMatchObject([found]);
    const broken = {
      ...files,
      'nota.wsdl': WSDL.replace('</types>', ''),
      'service.yaml': listed.replace('xsd: nota.xsd\n', ''),
    };
    expect(await refused(broken, { id: 'Nota', version: 1 })).toMatchObject([{ file: 'nota.wsdl' }]);
  }, 30_000);

  it('1: an operation that the WSDL has not is told at its line of service.yaml, with those that it has', async () => {
    const yaml = 'id: Nota\nversion: 1\nwsdl: nota.wsdl\noperations:\n  - name: inviaNote\n';
    expect(await refused({ 'nota.wsdl': WSDL, 'nota.xsd': NOTA, 'service.yaml': yaml })).toMatchObject([
      {
        file: 'service.yaml',
        line: 5,
        message: 'the interface has no operation inviaNote',
        hint: expect.stringContaining('it has: inviaNota;'),
      },
    ]);
  }, 30_000);

  it('1: its title is given, else that of the OpenAPI description, of the version before, the id', async () => {
    const titleOf = async (order: PublicationOrder, info = '{}') =>
      (await publish({ 'api.json': API(info) }, { id: 'Nota', version: 1, ...order })).document.title;
    expect(await titleOf({ title: 'Nota breve' }, '{"title":"Note"}')).toBe('Nota breve');
    expect(await titleOf({}, '{"title":"Note"}')).toBe('Note');
    const before = registry.service('PraticaSuap', 1)?.title;
    expect(before).not.toBe('PraticaSuap');
    expect(await titleOf({ id: 'PraticaSuap', version: 2 })).toBe(before);
    expect(await titleOf({})).toBe('Nota');
  }, 30_000);
});
