import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.js';

/** A span as it came over OTLP/HTTP in JSON. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly string[];
  /** `service.instance.id` of the process. */
  readonly node: string;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'attributes' | 'events' | 'node'> & {
        readonly attributes: readonly Attribute[];
        readonly events?: readonly { readonly name: string }[];
      })[];
    }[];
  }[];
}

const plain = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

/** An OpenTelemetry collector: takes POST /v1/traces and keeps the spans. */
export async function startCollector() {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Export;
      for (const { resource, scopeSpans } of resourceSpans)
        for (const span of scopeSpans.flatMap((scope) => scope.spans))
          spans.push({
            ...span,
            attributes: plain(span.attributes),
            events: (span.events ?? []).map(({ name }) => name),
            node: String(plain(resource.attributes)['service.instance.id']),
          });
      reply.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: spans as readonly CollectedSpan[],
    /** All spans of a trace, once there are so many. */
    trace: async (traceId: string, count: number): Promise<readonly CollectedSpan[]> => {
      const found = () => spans.filter((span) => span.traceId === traceId);
      await until(() => found().length >= count);
      return found();
    },
    stop: () => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

export type Collector = Awaited<ReturnType<typeof startCollector>>;
