import type { Payload } from '../../src/protocol/protocol.js';
import { ACCEPTANCE, CONTEXT, decoded, documents, examined, PROTOCOLS, refusal } from './protocol-bench.js';
import { envelope, multipart, NAMESPACES, PAYLOADS } from './protocol-forms.js';

const TYPE = { soap11: 'text/xml', soap12: 'application/soap+xml' } as const;
type Version = keyof typeof TYPE;
const VERSIONS: readonly Version[] = ['soap11', 'soap12'];
const { soap } = PROTOCOLS;

afterAll(() => documents.stop());

const sent = (version: Version, text: string, headers: Record<string, string> = {}) => ({
  headers: { 'content-type': TYPE[version], ...headers },
  body: Buffer.from(text),
});
const inHeader = (version: Version, blocks: string) => sent(version, envelope(version, '<m/>', {}, blocks));
const inBody = (version: Version, content: string) =>
  sent(version, `<e:Envelope xmlns:e="${NAMESPACES[version]}"><e:Body>${content}</e:Body></e:Envelope>`);

describe.each(VERSIONS)('%s', (version) => {
  const other = version === 'soap11' ? 'soap12' : 'soap11';

  it.each([NAMESPACES[other], 'urn:other', ''])('4: refuses an envelope of "%s"', async (namespace) => {
    const request = sent(version, `<Envelope xmlns="${namespace}"><Body><m/></Body></Envelope>`);
    const fault = await refusal('soap', request);
    expect(fault).toMatchObject({ code: 'soap-version-mismatch', info: { expected: NAMESPACES[version] } });
    const { status, body } = soap.refused(fault, request, CONTEXT);
    expect(status).toBe(500);
    expect(body).toContain(`${version === 'soap11' ? 'soap' : 'env'}:VersionMismatch<`);
    expect(String(body).includes('SupportedEnvelope')).toBe(version === 'soap12');
  });

  it.each([
    ['another root', () => sent(version, '<m/>')],
    ['an empty Body', () => inBody(version, ' ')],
    ['two elements in Body', () => inBody(version, '<a/><b/>')],
    ['no Body', () => sent(version, `<e:Envelope xmlns:e="${NAMESPACES[version]}"/>`)],
    [
      'a second Body',
      () => sent(version, `<e:Envelope xmlns:e="${NAMESPACES[version]}"><e:Body><a/></e:Body><e:Body/></e:Envelope>`),
    ],
  ])('4: refuses %s', async (_, request) => {
    const fault = await refusal('soap', request());
    expect(fault.code).toBe('envelope-malformed');
    expect(soap.refused(fault, request(), CONTEXT).status).toBe(version === 'soap11' ? 500 : 400);
  });

  it('4: refuses a mandatory header that it does not know, by name', async () => {
    const attribute = `xmlns:e="${NAMESPACES[version]}" e:mustUnderstand="1"`;
    const request = inHeader(version, `<w:Security xmlns:w="urn:wsse" ${attribute}/><T xmlns="" ${attribute}/>`);
    const fault = await refusal('soap', request);
    expect(fault).toMatchObject({ code: 'header-not-understood', info: { place: '{urn:wsse}Security {}T' } });
    const { status, body } = soap.refused(fault, request, CONTEXT);
    expect(status).toBe(500);
    expect(body).toContain(':MustUnderstand<');
    expect(String(body).includes('<env:NotUnderstood qname="n:Security" xmlns:n="urn:wsse"/>')).toBe(
      version === 'soap12',
    );
    expect(String(body).includes('<detail>')).toBe(false);
  });

  it('4: takes mandatory headers that it knows, and leaves those for others alone', async () => {
    const flag = (role: string) =>
      `xmlns:e="${NAMESPACES[version]}" e:mustUnderstand="1" e:${version === 'soap11' ? 'actor' : 'role'}="${role}"`;
    const blocks = `<w:To xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" ${flag('')}>urn:crocevia:participant:c_g878</w:To><X-ReplyTo xmlns="urn:modi" ${flag('')}>https://a.example/r</X-ReplyTo><o:Other xmlns:o="urn:o" ${flag('urn:somebody-else')}/>`;
    await decoded('soap', inHeader(version, blocks), (message) =>
      expect(message).toMatchObject({ replyTo: 'https://a.example/r', claimedReceivers: ['c_g878'] }),
    );
    const next = { soap11: 'http://schemas.xmlsoap.org/soap/actor/next', soap12: `${NAMESPACES.soap12}/role/next` };
    const fault = await refusal('soap', inHeader(version, `<o:Other xmlns:o="urn:o" ${flag(next[version])}/>`));
    expect(fault.code).toBe('header-not-understood');
  });

  it.each(['http://www.w3.org/2005/08/addressing', 'http://schemas.xmlsoap.org/ws/2004/08/addressing'])(
    '4: reads WS-Addressing of %s and answers in it',
    (namespace) => {
      const w = (name: string, content: string) => `<w:${name} xmlns:w="${namespace}">${content}</w:${name}>`;
      const address = (text: string) => `<w:Address>${text}</w:Address>`;
      const blocks = [
        w('MessageID', ' urn:uuid:1 '),
        w('RelatesTo', 'urn:uuid:0'),
        w('ReplyTo', address('https://a.example/back')),
        w('From', address('urn:crocevia:participant:c_i804')),
        w('Action', 'urn:do'),
      ];
      return decoded('soap', inHeader(version, blocks.join('')), (message) => {
        expect(message).toMatchObject({
          messageId: 'urn:uuid:1',
          relatesTo: 'urn:uuid:0',
          replyTo: 'https://a.example/back',
          claimedSender: 'c_i804',
          hints: { wsaAction: 'urn:do' },
        });
        const { body, headers } = soap.accepted(message, ACCEPTANCE, CONTEXT);
        expect(body).toContain(`<wsa:RelatesTo xmlns:wsa="${namespace}">${ACCEPTANCE.message.messageId}<`);
        expect(body).toContain('>urn:doRisposta<');
        expect(headers['content-type']).toBe(`${TYPE[version]}; charset=utf-8`);
        expect(soap.accepted(message, ACCEPTANCE, CONTEXT).body).toBe(body);
      });
    },
  );

  it('4: keeps an anonymous ReplyTo from being an address', () => {
    const address = '<Address>http://www.w3.org/2005/08/addressing/anonymous</Address>';
    const block = `<ReplyTo xmlns="http://www.w3.org/2005/08/addressing">${address}</ReplyTo>`;
    return decoded('soap', inHeader(version, block), ({ replyTo }) => expect(replyTo).toBeNull());
  });

  it('6: refuses two MessageIDs, and a correlation id that contradicts the header', async () => {
    const id = '<MessageID xmlns="http://www.w3.org/2005/08/addressing">urn:1</MessageID>';
    expect((await refusal('soap', inHeader(version, id + id))).code).toBe('message-id-malformed');
    const request = inHeader(version, '<X-Correlation-ID xmlns="urn:modi">a</X-Correlation-ID>');
    const fault = await refusal('soap', { ...request, headers: { ...request.headers, 'x-correlation-id': 'b' } });
    expect(fault.code).toBe('parameter-wrong');
  });

  it('4: answers 202 without a body where no output is published', () =>
    decoded('soap', inBody(version, '<m/>'), (message) => {
      const reply = soap.accepted(message, ACCEPTANCE, { ...CONTEXT, acknowledged: false });
      expect(reply).toMatchObject({ status: 202, body: '', headers: { location: CONTEXT.statusUrl } });
      expect(reply.headers['content-type']).toBeUndefined();
    }));

  it('4: tells who polls the correlation id in its own namespace, beside presaInCarico or in the published status', () =>
    decoded('soap', inBody(version, '<m xmlns="urn:modi"/>'), (message) => {
      const bytes = Buffer.from('<?xml version="1.0" encoding="UTF-8"?><s xmlns="urn:modi">accepted</s>');
      const block = `<m:X-Correlation-ID xmlns:m="urn:modi">${ACCEPTANCE.message.correlationId}</m:X-Correlation-ID>`;
      const told = (context: Partial<typeof CONTEXT>, accepted: Payload | null) =>
        soap.accepted(message, ACCEPTANCE, { ...CONTEXT, ...context, polled: { accepted } });
      const status = told({ acknowledged: false }, { format: 'xml', bytes, attachments: [] });
      expect([status.status, status.body]).toEqual([200, expect.stringContaining(block)]);
      expect(status.body).toMatch(/Body><s xmlns="urn:modi">accepted<\/s><\/\w+:Body>/);
      const acknowledged = told({}, null).body;
      expect(acknowledged).toContain(block);
      expect(acknowledged).toContain('<g:presaInCarico');
      expect(told({ acknowledged: false }, null)).toMatchObject({ status: 202, body: '' });
    }));

  it('4: answers a duplicate as such', () =>
    decoded('soap', inBody(version, '<m/>'), (message) =>
      expect(soap.accepted(message, { ...ACCEPTANCE, duplicate: true }, CONTEXT).body).toContain('<g:duplicato>true<'),
    ));

  it('8: reads the faults of receivers', async () => {
    const read = (status: number, content: string) =>
      soap.readAnswer(status, { 'content-type': TYPE[version] }, inBody(version, content).body);
    const fault = (code: string) =>
      version === 'soap11'
        ? `<e:Fault><faultcode>e:${code}</faultcode><faultstring>no &amp; no</faultstring></e:Fault>`
        : `<e:Fault><e:Code><e:Value>e:${code}</e:Value></e:Code><e:Reason><e:Text xml:lang="it">no &amp; no</e:Text></e:Reason></e:Fault>`;
    const [theirs, ours] = version === 'soap11' ? ['Server', 'Client'] : ['Receiver', 'Sender'];
    expect(await read(500, fault(theirs))).toEqual({
      fault: { reason: 'no & no', blame: 'receiver', codes: [theirs] },
    });
    expect(await read(200, fault(ours))).toEqual({ fault: { reason: 'no & no', blame: 'sender', codes: [ours] } });
    expect(await read(200, '<ok/>')).toEqual({ fault: null });
    expect(await read(200, '<Fault xmlns="urn:other"/>')).toEqual({ fault: null });
  });
});

describe('SOAP over HTTP', () => {
  it.each([
    ['"urn:a"', 'urn:a'],
    ['urn:a', 'urn:a'],
    ['""', null],
    ['', null],
  ])('4: reads SOAPAction %s', (header, action) =>
    decoded(
      'soap',
      { ...inBody('soap11', '<m/>'), headers: { 'content-type': 'text/xml', soapaction: header } },
      (message) => {
        expect(message.hints.soapAction).toBe(action);
        expect(message.contentHeaders).toEqual({ 'content-type': 'text/xml', soapaction: header });
      },
    ),
  );

  it('4: reads the action parameter', async () => {
    const contentType = 'application/soap+xml; charset=utf-8; action="urn:a;b"';
    await decoded('soap', { ...inBody('soap12', '<m/>'), headers: { 'content-type': contentType } }, ({ hints }) =>
      expect(hints.actionParameter).toBe('urn:a;b'),
    );
    const outer =
      'multipart/related; boundary=frontiera; type="application/xop+xml"; start-info="application/soap+xml; action=\\"urn:c\\""';
    const root = 'Content-Type: application/xop+xml; type="application/soap+xml"';
    const body = multipart([root, inBody('soap12', '<m/>').body]);
    await decoded('soap', { headers: { 'content-type': outer }, body }, ({ hints, protocol }) =>
      expect([hints.actionParameter, protocol]).toEqual(['urn:c', 'soap12']),
    );
  });

  it('4: puts the parts of an XOP package in place, so that MTOM and base64 are one message', async () => {
    const payload = (content: string) => `<m xmlns:x="http://www.w3.org/2004/08/xop/include">${content}</m>`;
    const outer = 'multipart/related; boundary=frontiera; type="application/xop+xml"; start-info="text/xml"';
    const root = 'Content-Type: application/xop+xml; type="text/xml"';
    const body = multipart(
      [root, envelope('soap11', payload('<x:Include href="cid:f%40c"/>'), {})],
      ['Content-ID: <f@c>', 'perché'],
    );
    const packaged = { headers: { 'content-type': outer }, body };
    const plain = sent('soap11', envelope('soap11', payload(Buffer.from('perché').toString('base64')), {}));
    expect((await examined('soap', packaged, null)).digest).toBe((await examined('soap', plain, null)).digest);
    await decoded('soap', packaged, ({ attachments, content }) => {
      expect(attachments).toEqual([]);
      expect(content).toBe(body);
    });
    const { bytes } = await soap.payload(packaged.headers, body);
    expect(bytes.toString()).toContain('>cGVyY2jDqQ==</m>');
  });

  it.each([
    ['no boundary', 'multipart/related; type="text/xml"', 'mime-malformed'],
    [
      'a root that is not there',
      'multipart/related; type="text/xml"; boundary=frontiera; start="<z>"',
      'mime-malformed',
    ],
    [
      'a type that is not the root’s',
      'multipart/related; type="application/soap+xml"; boundary=frontiera',
      'mime-malformed',
    ],
    ['a boundary that is not there', 'multipart/related; type="text/xml"; boundary=altro', 'mime-malformed'],
  ])('4: refuses a package with %s', async (_, contentType, code) => {
    const body = multipart(['Content-Type: text/xml\r\nContent-ID: <r>', inBody('soap11', '<m/>').body]);
    const request = { headers: { 'content-type': contentType }, body };
    const fault = await refusal('soap', request);
    expect(fault.code).toBe(code);
    expect(soap.refused(fault, request, CONTEXT).headers['content-type']).toMatch(
      contentType.includes('soap+xml') ? /^application\/soap\+xml/ : /^text\/xml/,
    );
  });

  it('4: refuses a package whose root is no envelope type', async () => {
    const body = multipart(['Content-Type: application/json', '{}']);
    const headers = { 'content-type': 'multipart/related; boundary=frontiera' };
    expect((await refusal('soap', { headers, body })).code).toBe('media-type-unsupported');
  });

  it('4: reads the envelope in the encoding that the header gives', () => {
    const text = `<?xml version="1.0"?><e:Envelope xmlns:e="${NAMESPACES.soap11}"><e:Body><m>è</m></e:Body></e:Envelope>`;
    const headers = { 'content-type': 'text/xml; charset=ISO-8859-1' };
    const request = { headers, body: Buffer.from(text, 'latin1') };
    return decoded('soap', request, async ({ document }) => {
      await document.examine({ schema: null, extract: {} });
      const { bytes } = await soap.payload(headers, request.body);
      expect(bytes.toString()).toContain('>è</m>');
    });
  });

  it.each([
    ['an empty body', 'text/xml', ''],
    ['a page', 'text/html', '<html/>'],
    ['XML that is not well-formed', 'text/xml', '<a>'],
    ['more than 1 MiB', 'text/xml', ' '.repeat(1_100_000)],
    ['no type', '', 'ok'],
  ])('8: %s holds no fault', async (_, type, text) =>
    expect(await soap.readAnswer(200, { 'content-type': type }, Buffer.from(text))).toEqual({ fault: null }),
  );

  it('takes a bare SOAP message in the REST address for a mistake', async () => {
    const body = Buffer.from(envelope('soap11', PAYLOADS.xml.valid, {}));
    expect((await refusal('rest', { headers: { 'content-type': 'text/xml' }, body })).code).toBe('envelope-malformed');
  });
});
