import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { fastify } from 'fastify';
import { listen } from 'soap';
import { parse } from 'yaml';
import { freePort } from './ports.js';

/** What both systems answer for a year; what they do not know is a fault. */
export type Positions = (annoImposta: number) => { readonly testata: object } | null;

export interface AskedSystem {
  readonly url: string;
  /** What was asked, newest last. */
  readonly asked: readonly unknown[];
  /** Once the gateway is there: reads what it publishes, and answers from then on. */
  open(gatewayUrl: string): Promise<void>;
  stop(): Promise<void>;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const UNKNOWN = 'Anno di imposta sconosciuto';
const COMUNE = 'https://schemi.crocevia.example/comune/1.0';
const GATEWAY = 'https://schemi.crocevia.example/gateway/1.0';

/** Built with the `soap` package from the WSDL that the gateway publishes for Sulmona. */
export async function startSoapSystem(positions: Positions): Promise<AskedSystem> {
  const asked: unknown[] = [];
  const server = createServer((_request, reply) => reply.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const consultaPosizioneTributaria = (question: { annoImposta: string }) => {
    asked.push(question);
    const answer = positions(Number(question.annoImposta));
    if (answer) return withPrefixes(answer);
    throw Object.assign(new Error(UNKNOWN), { Fault: unknownYear(question.annoImposta) });
  };
  const port = { consultaPosizioneTributaria };
  return {
    url: `http://127.0.0.1:${portOf(server)}/PosizioneTributaria`,
    asked,
    open: async (gatewayUrl) => {
      const uri = `${gatewayUrl}/soap/c_i804/v1/PosizioneTributaria?wsdl`;
      const xml = await (await fetch(uri)).text();
      const services = { PosizioneTributaria: { PosizioneTributariaSoap11: port, PosizioneTributariaSoap12: port } };
      await new Promise<void>((resolve, reject) =>
        listen(server, {
          path: '/PosizioneTributaria',
          services,
          xml,
          uri,
          callback: (error) => (error ? reject(error) : resolve()),
        }),
      );
    },
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

/** The package gives a type's children the namespace of the element that has the type: it must be told another one. */
const withPrefixes = (answer: { readonly testata: object }) => ({
  ...answer,
  testata: {
    attributes: { 'xmlns:c': COMUNE },
    ...Object.fromEntries(Object.entries(answer.testata).map(([name, value]) => [`c:${name}`, value])),
  },
});

/** A fault with the detail that the WSDL publishes. */
const unknownYear = (annoImposta: string) => ({
  statusCode: 500,
  faultcode: 'soap:Client',
  faultstring: UNKNOWN,
  detail: {
    errore: {
      attributes: { xmlns: GATEWAY },
      codice: 'anno-sconosciuto',
      colpa: 'sender',
      ripetibile: false,
      titolo: UNKNOWN,
      dettaglio: `Anno ${annoImposta}`,
      troncato: false,
    },
  },
});

interface Description {
  readonly paths: Readonly<Record<string, { readonly post: OperationDescription }>>;
}
interface OperationDescription {
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: object } } };
}

/** A Fastify app made from the OpenAPI description that the gateway publishes for Pratola, schemas fetched from there. */
export async function startRestSystem(positions: Positions): Promise<AskedSystem> {
  const asked: unknown[] = [];
  const ajv = addFormats.default(
    new Ajv2020({ strict: false, loadSchema: async (url) => (await fetch(url)).json() as Promise<object> }),
  );
  const app = fastify({ forceCloseConnections: true });
  const serve = async ({ paths }: Description) => {
    for (const [path, { post }] of Object.entries(paths)) {
      const check = await ajv.compileAsync(post.requestBody.content['application/json'].schema);
      app.post<{ Body: { annoImposta: number } }>(path, (request, reply) => {
        if (!check(request.body)) return void reply.code(500).send({ title: ajv.errorsText(check.errors) });
        asked.push(request.body);
        const answer = positions(request.body.annoImposta);
        if (answer) return void reply.send(answer);
        const problem = {
          type: 'about:blank',
          title: UNKNOWN,
          status: 404,
          detail: `Anno ${request.body.annoImposta}`,
        };
        return void reply.code(404).type('application/problem+json').send(JSON.stringify(problem));
      });
    }
  };
  const [host, port] = ['127.0.0.1', await freePort()];
  return {
    url: `http://${host}:${port}`,
    asked,
    open: async (gatewayUrl) => {
      const description = await (await fetch(`${gatewayUrl}/rest/c_h007/v1/PosizioneTributaria/openapi.yaml`)).text();
      await serve(parse(description) as Description);
      await app.listen({ host, port });
    },
    stop: () => app.close(),
  };
}
