import type { HttpCall } from '../support/client.js';
import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, lastOf, queryStage, say } from '../support/query-stage.js';
import { embedded } from '../support/shapes.js';
import { envelope } from '../support/tax-query.js';

const NAMESPACE = 'urn:prova:residenza';
const element = (name: string, inner: string) => `<${name} xmlns="${NAMESPACE}">${inner}</${name}>`;

describe('3: parameters between the protocols', () => {
  const stage = queryStage(embedded, ({ sulmona, pratola }) =>
    writeQueryRegistry({ soap: sulmona.url, rest: pratola.url }),
  );
  const ask = asker(stage);
  const askSoap = (operation: string, inner: string) =>
    ask('/soap/c_h007/v1/Residenza', {
      body: envelope(element(operation, inner)),
      headers: { 'content-type': 'text/xml', soapaction: `"urn:${operation}"` },
    });
  const askRest = (path: string, call?: HttpCall) => ask(`/rest/c_i804/v1/Residenza/residenti${path}`, call);

  it('3: a SOAP consumer asks a GET with path, query and header parameters', async () => {
    stage.pratola.answerWith(say(200, 'application/json', '{"nome":"Anna"}'));
    const answer = await askSoap(
      'leggiResidente',
      '<id>RM/..a/b ù</id><anno>2024</anno><anno>2025</anno><storico>1</storico><xMotivo>cura</xMotivo>',
    );
    expect([answer.status, answer.text]).toEqual([200, expect.stringMatching(/leggiResidenteRisposta[^]*Anna/)]);
    const { method, path, headers, body } = lastOf(stage.pratola);
    expect([method, path, body.length]).toEqual([
      'GET',
      '/in/base/residenti/RM%2F..a%2Fb%20%C3%B9?anno=2024&anno=2025&storico=true',
      0,
    ]);
    expect([headers['x-motivo'], headers['content-type'], headers['accept']]).toEqual([
      'cura',
      undefined,
      'application/json',
    ]);
  });

  it('2: no value of a SOAP consumer leaves the path of its operation', async () => {
    const before = stage.pratola.received.length;
    for (const id of ['../a', 'a/..', '..', '..\\a', '..;a']) {
      const answer = await askSoap('leggiResidente', `<id>${id}</id>`);
      expect([id, answer.status, answer.text]).toEqual([id, 500, expect.stringContaining('mediation-failed')]);
    }
    expect(stage.pratola.received).toHaveLength(before);
  });

  it('3: what no parameter takes is the body of a PUT', async () => {
    stage.pratola.answerWith(say(200, 'application/json', '{"nome":"Ugo"}'));
    const answer = await askSoap('scriviResidente', '<id>7</id><nome>Ugo</nome><figli>2</figli>');
    expect([answer.status, answer.text]).toEqual([200, expect.stringMatching(/scriviResidenteRisposta[^]*Ugo/)]);
    const { method, path, headers, body } = lastOf(stage.pratola);
    expect([method, path, headers['content-type'], JSON.parse(body.toString())]).toEqual([
      'PUT',
      '/in/base/residenti/7',
      'application/json',
      { nome: 'Ugo', figli: 2 },
    ]);
  });

  it.each([
    ['a member that a GET has no place for', '<id>7</id><nota>x</nota>', /takes no body[^]*nota[^]*posizione>\/nota</],
    ['a dot segment', '<id>..</id>', /dot segment[^]*posizione>path: id</],
  ])('3: refuses %s, and asks nobody', async (_what, inner, said) => {
    const before = stage.pratola.received.length;
    const answer = await askSoap('leggiResidente', inner);
    expect([answer.status, answer.text]).toEqual([500, expect.stringMatching(/mediation-failed/)]);
    expect(answer.text).toMatch(said);
    expect(stage.pratola.received.length).toBe(before);
  });

  it('3: a REST consumer’s parameters are elements for a SOAP provider, of the types of their schemas', async () => {
    stage.sulmona.answerWith(say(200, 'text/xml', envelope(element('leggiResidenteRisposta', '<nome>Anna</nome>'))));
    const read = await askRest('/0007?anno=2024&anno=2025&storico=true', { headers: { 'x-motivo': 'cura' } });
    expect([read.status, read.json()]).toEqual([200, { nome: 'Anna' }]);
    expect(lastOf(stage.sulmona).body.toString()).toContain(
      element(
        'leggiResidente',
        '<id>0007</id><anno>2024</anno><anno>2025</anno><storico>true</storico><xMotivo>cura</xMotivo>',
      ),
    );
    stage.sulmona.answerWith(say(200, 'text/xml', envelope(element('scriviResidenteRisposta', '<nome>Ugo</nome>'))));
    const written = await askRest('/7', { method: 'PUT', body: { nome: 'Ugo', figli: 2 } });
    expect([written.status, written.json()]).toEqual([200, { nome: 'Ugo' }]);
    expect(lastOf(stage.sulmona).body.toString()).toMatch(/<id>7<\/id><nome>Ugo<\/nome><figli>2<\/figli>/);
    const twice = await askRest('/7', { method: 'PUT', body: { nome: 'Ugo', id: '8' } });
    expect(twice.json()).toMatchObject({ code: 'mediation-failed', place: 'path: id' });
  });

  it('3: a problem of a REST provider reaches a SOAP consumer as fault Client with its members', async () => {
    const problem = {
      title: 'Assente & basta',
      status: 404,
      detail: 'Nessun residente 7',
      code: 'R-404',
      errori: [{ campo: 'id' }, { campo: 'anno' }],
      'non un nome': 1,
    };
    stage.pratola.answerWith(say(404, 'application/problem+json', JSON.stringify(problem)));
    const answer = await askSoap('leggiResidente', '<id>7</id>');
    expect([answer.status, answer.text]).toEqual([
      500,
      expect.stringMatching(/faultcode>soap:Client<[^]*receiver-refused/),
    ]);
    expect(answer.text).toContain(
      '<problem xmlns="urn:ietf:rfc:7807"><title>Assente &amp; basta</title><status>404</status>' +
        '<detail>Nessun residente 7</detail><code>R-404</code>' +
        '<errori><i><campo>id</campo></i><i><campo>anno</campo></i></errori></problem></detail>',
    );
    const long = JSON.stringify({ ...problem, lungo: 'x'.repeat(17_000) });
    stage.pratola.answerWith(say(404, 'application/problem+json', long));
    const cut = await askSoap('leggiResidente', '<id>7</id>');
    expect(cut.text).toMatch(/receiver-refused[^]*Nessun residente 7/);
    expect(cut.text).not.toContain('rfc:7807');
    stage.pratola.answerWith(say(500, 'application/problem+json', JSON.stringify({ ...problem, status: 500 })));
    expect((await askSoap('leggiResidente', '<id>7</id>')).text).toMatch(/soap:Server<[^]*receiver-error[^]*R-404/);
  });

  it('3: the detail of a SOAP fault reaches a REST consumer as structure', async () => {
    const detail = element(
      'errore',
      '<codice tipo="a">R-404</codice><campo>id</campo><campo>anno</campo><dove><riga>3</riga></dove>',
    );
    const fault = (code: string) =>
      `<e:Fault><faultcode>e:${code}</faultcode><faultstring>Assente</faultstring><detail>${detail}</detail></e:Fault>`;
    stage.sulmona.answerWith(say(500, 'text/xml', envelope(fault('Client'))));
    const answer = await askRest('/7');
    expect([answer.status, answer.json()]).toEqual([
      422,
      expect.objectContaining({
        code: 'receiver-refused',
        provider: {
          errore: { codice: { '@tipo': 'a', '#text': 'R-404' }, campo: ['id', 'anno'], dove: { riga: '3' } },
        },
      }),
    ]);
    stage.sulmona.answerWith(say(500, 'text/xml', envelope(fault('Server'))));
    expect((await askRest('/7')).json()).toMatchObject({
      code: 'receiver-error',
      provider: { errore: expect.anything() },
    });
    const bare = fault('Client').replace(/<detail>.*<\/detail>/, '');
    stage.sulmona.answerWith(say(500, 'text/xml', envelope(bare)));
    expect((await askRest('/7')).json()).not.toHaveProperty('provider');
  });
});
