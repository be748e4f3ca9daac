import { XS, xsd, service, checkXsd, check, said } from './interface-files.js';

describe('one namespace out of several files', () => {
  const T = (name: string, more = '') => xsd('urn:t', `${more}<xs:element name="${name}" type="xs:string"/>`);
  const using = (imports: string, names: readonly string[]) =>
    `<xs:schema ${XS} xmlns:t="urn:t" targetNamespace="urn:m">${imports}<xs:element name="m"><xs:complexType><xs:sequence>${names
      .map((name) => `<xs:element ref="t:${name}"/>`)
      .join('')}</xs:sequence></xs:complexType></xs:element></xs:schema>`;
  const imported = (...files: readonly string[]) =>
    files.map((file) => `<xs:import namespace="urn:t" schemaLocation="${file}"/>`).join('');

  it.each([
    ['two files', { 'a.xsd': T('a'), 'b.xsd': T('b') }],
    [
      'files that include each other',
      {
        'a.xsd': T('a', '<xs:include schemaLocation="b.xsd"/>'),
        'b.xsd': T('b', '<xs:include schemaLocation="a.xsd"/>'),
      },
    ],
    [
      'files that include the same chameleon',
      {
        'a.xsd': T('a', '<xs:include schemaLocation="c.xsd"/>'),
        'b.xsd': T('b', '<xs:include schemaLocation="c.xsd"/>'),
        'c.xsd': `<xs:schema ${XS}><xs:element name="c" type="xs:int"/></xs:schema>`,
      },
    ],
    [
      'files that include copies of one file',
      {
        'a.xsd': T('a', '<xs:include schemaLocation="x/c.xsd"/>'),
        'b.xsd': T('b', '<xs:include schemaLocation="y/c.xsd"/>'),
        'x/c.xsd': T('c'),
        'y/c.xsd': T('c'),
      },
    ],
    [
      'files that import the first again',
      { 'a.xsd': T('a', '<xs:import namespace="urn:m" schemaLocation="main.xsd"/>'), 'b.xsd': T('b') },
    ],
    [
      'a substitution group over two files',
      {
        'a.xsd': T('a'),
        'b.xsd': xsd(
          'urn:t',
          '<xs:include schemaLocation="a.xsd"/><xs:element name="b" type="xs:string" substitutionGroup="a"/>',
        ),
      },
    ],
  ])('2: takes %s', async (_, files) => {
    const report = await checkXsd({ 'main.xsd': using(imported('a.xsd', 'b.xsd'), ['a', 'b']), ...files });
    expect(said(report)).toEqual([]);
    expect(report.unused).toEqual([]);
  });

  it('2: takes a file and what redefines it', async () => {
    const report = await checkXsd({
      'main.xsd': using(imported('base.xsd', 'nuovo.xsd'), ['a']),
      'base.xsd': xsd(
        'urn:t',
        '<xs:simpleType name="C"><xs:restriction base="xs:string"/></xs:simpleType><xs:element name="a" type="C"/>',
      ),
      'nuovo.xsd': xsd(
        'urn:t',
        '<xs:redefine schemaLocation="base.xsd"><xs:simpleType name="C"><xs:restriction base="C"><xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:redefine>',
      ),
    });
    expect(said(report)).toEqual([]);
    expect(report.unused).toEqual([]);
  });

  it('2: takes two editions of one schema as one, and says so', async () => {
    const report = await checkXsd({
      'main.xsd': using(imported('vecchio.xsd', 'nuovo.xsd'), ['a', 'b']),
      'vecchio.xsd': T('a'),
      'nuovo.xsd': T('a', '<xs:element name="b" type="xs:string"/>'),
    });
    expect(said(report)).toEqual([
      'warning vecchio.xsd:1 is passed over: nuovo.xsd declares the same names of the namespace urn:t',
    ]);
  });
});

describe('a WSDL, checked', () => {
  const wsdl = (parts: {
    readonly types?: string;
    readonly binding?: string;
    readonly more?: string;
    readonly part?: string;
  }) => `<definitions
    xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" ${XS} xmlns:m="urn:m" targetNamespace="urn:m">
  <types>${parts.types ?? `<xs:schema targetNamespace="urn:m"><xs:element name="m" type="xs:string"/></xs:schema>`}</types>
  <message name="M"><part name="p" ${parts.part ?? 'element="m:m"'}/></message>
  ${parts.more ?? ''}
  <portType name="P"><operation name="invia"><input message="m:M"/></operation><operation name="rpc"><input message="m:M"/></operation></portType>
  <binding name="B" type="m:P">${
    parts.binding ??
    `<s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="invia"><s:operation soapAction="urn:invia"/><input><s:body use="literal"/></input></operation>`
  }</binding>
</definitions>`;
  const checkWsdl = (text: string, more: Readonly<Record<string, string>> = {}) =>
    check(service({ wsdl: 'a/m.wsdl' }), { 'a/m.wsdl': text, ...more });

  it('2: takes its operations', async () => {
    const report = await checkWsdl(wsdl({}));
    expect(said(report)).toEqual([]);
    expect(report.operations).toMatchObject([{ name: 'invia', soapAction: 'urn:invia', profile: 'one-way' }]);
  });

  it('2: warns of operations that are left out', async () => {
    const binding = `<s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
      <operation name="invia"><s:operation soapAction=""/><input><s:body use="literal"/></input></operation>
      <operation name="rpc"><s:operation style="rpc" soapAction=""/><input><s:body use="literal"/></input></operation>`;
    const report = await checkWsdl(wsdl({ binding }));
    expect(said(report)).toEqual(['warning a/m.wsdl:9 operation rpc is of style rpc']);
    expect(report.operations.map(({ name }) => name)).toEqual(['invia']);
    const none = await checkWsdl(
      wsdl({
        binding: binding.replace('<operation name="invia">', '<operation name="rpc">'),
        part: 'type="xs:string"',
      }),
    );
    expect(none.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([
      'the service has no operation',
      'operation rpc has no body part with an element',
      'operation rpc is of style rpc',
    ]);
  });

  it.each([
    ['a part that no schema declares', { part: 'element="m:altro"' }, 4, 'no schema declares the element {urn:m}altro'],
    [
      'a message that is not there',
      { more: '<portType name="Q"><operation name="x"><input message="m:N"/></operation></portType>' },
      5,
      'there is no message m:N',
    ],
    ['a portType that is not there', { more: '<binding name="C" type="m:Q"/>' }, 5, 'there is no portType m:Q'],
    [
      'a schema that is wrong',
      { types: '\n<xs:schema targetNamespace="urn:m">\n<xs:element name="m" type="m:T"/></xs:schema>' },
      5,
      'the schema does not compile',
    ],
    [
      'an include that is missing',
      { types: '<xs:schema targetNamespace="urn:m">\n<xs:include schemaLocation="../m.xsd"/></xs:schema>' },
      4,
      '"../m.xsd" in m.wsdl is not at hand',
    ],
  ])('2: refuses %s at its line', async (_, parts, line, message) => {
    const errors = (await checkWsdl(wsdl(parts))).problems.filter(({ severity }) => severity === 'error');
    expect(errors[0]).toMatchObject({ file: 'a/m.wsdl', line, message: expect.stringContaining(message) });
  });

  it.each([
    [
      'with an external entity',
      '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<d>&e;</d>',
      1,
      'declares an external entity',
    ],
    ['that is no XML', 'FooBar!', 1, 'no element'],
    ['that is WSDL 2.0', '<description xmlns="http://www.w3.org/ns/wsdl"/>', 1, 'is no WSDL 1.1'],
  ])('2: refuses a WSDL %s with one problem', async (_, text, line, message) => {
    const report = await checkWsdl(text);
    expect(report.problems).toMatchObject([{ file: 'a/m.wsdl', line, message: expect.stringContaining(message) }]);
  });

  it('2: warns of a WSDL without a SOAP binding', async () => {
    const report = await check(
      service({
        wsdl: 'a/m.wsdl',
        operations: [{ name: 'm', profile: 'one-way', element: { namespace: 'urn:m', name: 'm' } }],
      }),
      { 'a/m.wsdl': wsdl({ binding: ' ' }) },
    );
    expect(said(report)).toEqual(['warning a/m.wsdl:1 has no SOAP binding']);
  });

  it('2: joins several schemas of one namespace with what they include, and an import chain of WSDLs', async () => {
    const types = `<xs:schema targetNamespace="urn:m"><xs:include schemaLocation="../tipi 1.xsd"/><xs:element name="m" type="m:T"/></xs:schema>
      <xs:schema targetNamespace="urn:m"><xs:element name="n" type="m:T"/></xs:schema>
      <xs:schema><xs:import namespace="urn:t" schemaLocation="../t.xsd"/></xs:schema>`;
    const chain = (next: string) => `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/">${next}</definitions>`;
    const report = await checkWsdl(wsdl({ types, more: '' }).replace('<types>', '<import location="b.wsdl"/><types>'), {
      'tipi 1.xsd': xsd('urn:m', '<xs:simpleType name="T"><xs:restriction base="xs:int"/></xs:simpleType>'),
      't.xsd': xsd('urn:t', '<xs:element name="t"/>'),
      'a/b.wsdl': chain('<import location="c.wsdl"/>'),
      'a/c.wsdl': chain('<import location="m.wsdl"/>'),
    });
    expect(said(report)).toEqual([]);
    expect(report.unused).toEqual([]);
  });
});
