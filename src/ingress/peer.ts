import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Presented } from '../policy/identify.js';

/** Who is on the line: the credentials as they were sent, repeated ones apart (node:http would hide a second one). */
export function presentedBy(request: IncomingMessage): Presented {
  return {
    authorization: everyValue(request.rawHeaders, 'authorization'),
    apiKey: everyValue(request.rawHeaders, 'x-api-key'),
    thumbprint: thumbprintOf(request.socket),
    amqpUser: null,
  };
}

function everyValue(raw: readonly string[], name: string): readonly string[] {
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
}

function thumbprintOf(socket: unknown): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const { fingerprint256 } = socket.getPeerCertificate();
  return fingerprint256 ? fingerprint256.replaceAll(':', '').toLowerCase() : null;
}

/** Lower-case header names; a header sent twice is joined by ", " (RFC 9110 §5.3). */
export function plainHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}
