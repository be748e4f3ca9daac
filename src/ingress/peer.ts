import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Presented } from '../policy/identify.js';

/** Reads the credentials of a request before its body. */
export type Present = (request: IncomingMessage) => Presented;

/**
 * Who is on the line: the credentials as they were sent, repeated ones apart (node:http would hide a second one). TLS
 * has proved that the caller holds the key of its certificate; `needsChain` asks that it also chains to the configured
 * CA, otherwise the registered thumbprint alone pins it.
 */
export function createPresent(needsChain: boolean): Present {
  return ({ rawHeaders, socket }) => ({
    authorization: everyValue(rawHeaders, 'authorization'),
    apiKey: everyValue(rawHeaders, 'x-api-key'),
    thumbprint: thumbprintOf(socket, needsChain),
    amqpUser: null,
  });
}

/** Each occurrence of a header, lower-case name. */
export function everyValue(raw: readonly string[], name: string): readonly string[] {
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
}

function thumbprintOf(socket: unknown, needsChain: boolean): string | null {
  if (!(socket instanceof TLSSocket) || (needsChain && !socket.authorized)) return null;
  const { fingerprint256, valid_from, valid_to } = socket.getPeerCertificate();
  const now = Date.now();
  if (!fingerprint256 || Date.parse(valid_from) > now || now > Date.parse(valid_to)) return null;
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Lower-case header names; a header sent twice is joined by ", " (RFC 9110 §5.3). */
export function plainHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}
