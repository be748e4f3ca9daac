// A municipality's system that takes messages and answers queries over SOAP, built with the `soap` package from the WSDL that the gateway
// publishes. PORT (8091) to listen on, GATEWAY (http://127.0.0.1:8080), PARTICIPANT (c_h007), SERVICES to take.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import soap from 'soap';

const { PORT = '8091', HOST = '127.0.0.1', GATEWAY = 'http://127.0.0.1:8080', PARTICIPANT = 'c_h007' } = process.env;
const SERVICES = (process.env.SERVICES ?? 'VariazioneAnagrafica,InoltroProtocollo,PosizioneTributaria').split(',');
const log = (text) => console.log(`[${PARTICIPANT}, SOAP] ${text}`);

/** Waits until the gateway answers: the two may start in any order. */
async function whenReady(open) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open();
    } catch (error) {
      if (attempt === 120) throw error;
      await pause(500);
    }
  }
}

/** What a query is answered with; a real system would look it up. */
const ANSWERS = {
  consultaPosizioneTributaria: ({ testata, codiceFiscale, annoImposta }) => ({
    // The header comes from another schema, whose namespace the package does not write by itself.
    testata: {
      attributes: { 'xmlns:c': 'https://schemi.crocevia.example/comune/1.0' },
      'c:idMessaggio': `urn:uuid:${crypto.randomUUID()}`,
      'c:dataOraMessaggio': new Date().toISOString(),
      'c:codiceIpaMittente': PARTICIPANT,
      'c:codiceIpaDestinatario': testata.codiceIpaMittente,
      'c:idRichiestaCorrelata': testata.idMessaggio,
    },
    codiceFiscale,
    posizione: [{ tributo: 'TARI', annoImposta, importoDovuto: '215.30', importoVersato: '215.30' }],
  }),
};

/** One handler an operation of the WSDL: says what came, and answers or confirms with an answer of its own. */
function handlersFor(description) {
  const handle = (operation) => (body, _callback, headers) => {
    const { idMessaggio, codiceIpaMittente } = body.testata ?? {};
    log(`${operation}: message ${idMessaggio} of ${codiceIpaMittente}${headers ? '' : ' (no headers)'}`);
    if (ANSWERS[operation]) return ANSWERS[operation](body);
    const now = new Date().toISOString();
    return { idMessaggio, idGateway: '-', idCorrelazione: idMessaggio, dataOraPresaInCarico: now, duplicato: false };
  };
  const ofPort = (operations) => Object.fromEntries(Object.keys(operations).map((name) => [name, handle(name)]));
  const ofService = (ports) =>
    Object.fromEntries(Object.entries(ports).map(([name, operations]) => [name, ofPort(operations)]));
  return Object.fromEntries(Object.entries(description).map(([name, ports]) => [name, ofService(ports)]));
}

const server = createServer((_request, reply) => reply.writeHead(404).end());
server.listen(Number(PORT), HOST);
for (const service of SERVICES) {
  const address = `${GATEWAY}/soap/${PARTICIPANT}/v1/${service}?wsdl`;
  const client = await whenReady(() => soap.createClientAsync(address));
  const xml = await (await fetch(address)).text();
  soap.listen(server, { path: `/${service}`, services: handlersFor(client.describe()), xml, uri: address });
  log(`takes ${service} at http://${HOST}:${PORT}/${service}`);
}
process.send?.('ready');
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)));
