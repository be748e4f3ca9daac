import type { Config } from './config.js';
import { version } from './operators.js';
import { createTracing, untraced, type Tracing } from './trace/tracing.js';

interface Telemetry {
  readonly tracing: Tracing;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Spans go to OTLP over HTTP where an address is set; the libraries are loaded only then. */
export async function openTelemetry({ otlpEndpoint, owner }: Config): Promise<Telemetry> {
  if (otlpEndpoint === null) return { tracing: untraced, stop: async () => undefined };
  const { TracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const exporter = new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'crocevia',
      'service.version': version,
      'service.instance.id': owner,
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: EVERY_MS })],
  });
  return { tracing: createTracing(provider.getTracer('crocevia', version)), stop: () => provider.shutdown() };
}

const EVERY_MS = 2_000;
