import { idOf } from '../support/client.js';
import {
  answering,
  conferma,
  CONFERMA_JSON,
  correlationIdOf,
  exchangeStage,
  inoltro,
  inoltroJson,
  NS,
  PUBLIC_URL,
  SOAP,
  to,
  xReplyTo,
} from '../support/exchange-stage.js';
import { KEYS } from '../support/registry.js';
import { SHAPES } from '../support/shapes.js';
import { envelope, SOAP12 } from '../support/tax-query.js';

describe.each(SHAPES)('exchanges over SOAP that are answered later, %s', (_name, lay) => {
  const { stage, ask, answer, callback } = exchangeStage(lay);

  it.each([
    ['two blocks', `<a:X-ReplyTo xmlns:a="urn:x">OWN</a:X-ReplyTo>${xReplyTo('http://10.0.0.5/')}`],
    ['a block and another HTTP header', xReplyTo('http://10.0.0.5/')],
    ['a block behind a comment', `<!-- <e:Body > -->${xReplyTo('OWN')}`],
    ['a block in CDATA', `<m:X-ReplyTo xmlns:m="${NS}"><![CDATA[OWN]]></m:X-ReplyTo>`],
  ])('4: refuses %s: the provider could read another address than was checked', async (_what, header) => {
    const own = `${stage.sulmona.url}/risposte/x`;
    const before = stage.pratola.received.length;
    const body = inoltro('7b09', header.replace('OWN', own), 'c_h166');
    const refused = await ask('/soap/c_h166/v1/InoltroProtocollo', { body, headers: { ...SOAP, 'x-replyto': own } });
    expect([refused.status, refused.text]).toMatchObject([
      500,
      expect.stringMatching(/soap:Client[^]*parameter-wrong/),
    ]);
    expect(stage.pratola.received).toHaveLength(before);
  });

  it('4: NONBLOCK_PUSH over SOAP: the header blocks are honoured, and the provider answers by way of the gateway', async () => {
    const body = inoltro('7a04', xReplyTo(`${stage.sulmona.url}/risposte/soap`), 'c_h166');
    const asked = await ask('/soap/c_h166/v1/InoltroProtocollo', { body, headers: SOAP });
    expect(asked.status).toBe(200);
    const correlationId = correlationIdOf(asked);
    expect(asked.text).toContain(`X-Correlation-ID xmlns:m="${NS}">${correlationId}<`);
    const delivery = await stage.pratola.next(to(idOf(asked)));
    const address = `${PUBLIC_URL}/messages/${idOf(asked)}/answer`;
    expect(delivery.headers['x-replyto']).toBe(address);
    expect(delivery.body.toString()).toBe(body.replace(`${stage.sulmona.url}/risposte/soap`, address));
    const confirmed = conferma(`<m:X-Correlation-ID xmlns:m="${NS}">${correlationId}</m:X-Correlation-ID>`);
    expect((await answer(delivery, confirmed, { 'content-type': 'text/xml' }, KEYS.raiano)).status).toBe(202);
    const pushed = await stage.sulmona.next(answering(correlationId));
    expect([pushed.path, pushed.body.toString()]).toEqual(['/in/risposte/soap', confirmed]);
  });

  it('4: a SOAP answer that is not as published, or from nobody, is refused in SOAP', async () => {
    const asked = await ask('/soap/c_h007/v1/InoltroProtocollo', {
      body: inoltro('7b01'),
      headers: SOAP,
    });
    const delivery = await stage.pratola.next(to(idOf(asked)));
    const other = await answer(delivery, inoltro('7a04'), { 'content-type': 'text/xml' });
    expect([other.status, other.text]).toMatchObject([
      500,
      expect.stringMatching(/faultcode>soap:Client.*operation-ambiguous/),
    ]);
    const stranger = await answer(delivery, conferma(), { 'content-type': 'text/xml' }, KEYS.raiano);
    expect(stranger.text).toContain('message-unknown');
  });

  it('4: answers of one protocol reach who has asked in the other', async () => {
    const header = xReplyTo(`${stage.sulmona.url}/risposte/misto`);
    const inSoap = await ask('/soap/c_h007/v1/InoltroProtocollo', {
      body: inoltro('7b02', header),
      headers: SOAP,
    });
    expect((await answer(await stage.pratola.next(to(idOf(inSoap))), CONFERMA_JSON)).status).toBe(200);
    const soap = await stage.sulmona.next(answering(correlationIdOf(inSoap)));
    expect(soap.headers['content-type']).toContain('text/xml');
    expect(soap.body.toString()).toMatch(/Envelope[^]*X-Correlation-ID[^]*confermaProtocollazione[^]*0000987/);
    const related = /<wsa:RelatesTo [^>]*>([^<]*)</.exec(soap.body.toString())?.[1];
    expect([related, soap.headers['x-relates-to']]).toEqual([inSoap.headers['x-message-id'], undefined]);

    const json = inoltroJson('7b03');
    const inJson = await ask('/rest/c_h007/v1/InoltroProtocollo/inoltri', { body: json, headers: callback('/misto') });
    const delivery = await stage.pratola.next(to(idOf(inJson)));
    expect((await answer(delivery, conferma(), { 'content-type': 'text/xml' })).status).toBe(202);
    const rest = await stage.sulmona.next(answering(correlationIdOf(inJson)));
    expect(JSON.parse(rest.body.toString())).toEqual(CONFERMA_JSON);
  });

  it('4: a failure of one protocol reaches who has asked as one of the other', async () => {
    const header = xReplyTo(`${stage.sulmona.url}/risposte/guasto`);
    const inSoap = await ask('/soap/c_h007/v1/InoltroProtocollo', {
      body: inoltro('7b04', header),
      headers: SOAP,
    });
    const problem = { title: 'Registro chiuso', status: 422, detail: 'Registro chiuso' };
    const failed = { 'x-status': '422', 'content-type': 'application/problem+json' };
    await answer(await stage.pratola.next(to(idOf(inSoap))), problem, failed);
    const soap = await stage.sulmona.next(answering(correlationIdOf(inSoap)));
    expect(soap.body.toString()).toMatch(/faultcode>soap:Client<[^]*Registro chiuso/);

    const json = inoltroJson('7b05');
    const inJson = await ask('/rest/c_h007/v1/InoltroProtocollo/inoltri', { body: json, headers: callback('/guasto') });
    const fault = envelope(
      '<e:Fault><faultcode>e:Client</faultcode><faultstring>Registro chiuso</faultstring></e:Fault>',
    );
    await answer(await stage.pratola.next(to(idOf(inJson))), fault, { 'content-type': 'text/xml' });
    const rest = await stage.sulmona.next(answering(correlationIdOf(inJson)));
    expect(rest.headers).toMatchObject({ 'content-type': 'application/problem+json', 'x-status': '422' });
    expect(JSON.parse(rest.body.toString())).toMatchObject({
      code: 'receiver-refused',
      detail: expect.stringContaining('Registro chiuso'),
    });
  });

  it('4: every SOAP address answers echo, in the version that was asked in', async () => {
    const g = 'https://schemi.crocevia.example/gateway/1.0';
    const echoed = `<g:echo xmlns:g="${g}"><g:messaggio>ci sei &amp; come?</g:messaggio></g:echo>`;
    const body = envelope(echoed);
    const headers = { 'content-type': 'text/xml', soapaction: `"${g}/echo"` };
    const echo = await ask('/soap/c_h007/v1/InoltroProtocollo', { body, headers });
    expect([echo.status, echo.text]).toMatchObject([
      200,
      expect.stringMatching(/messaggio>ci sei &amp; come\?<[^]*stato>attivo<[^]*dataOra>20/),
    ]);
    const in12 = envelope(echoed, { namespace: SOAP12 });
    const twelve = await ask('/soap/c_h166/v1/InoltroProtocollo', {
      body: in12,
      headers: { 'content-type': 'application/soap+xml' },
    });
    expect([twelve.status, twelve.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('application/soap+xml'),
    ]);
    expect((await ask('/soap/c_h007/v1/Ignoto', { body, headers })).text).toContain('service-unknown');
    expect((await ask('/soap/c_h007/v1/InoltroProtocollo', { body, headers, key: 'nessuno' })).status).toBe(401);
  });
});
