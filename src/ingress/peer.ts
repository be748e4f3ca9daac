import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Presented } from '../policy/identify.js';
import { issuerOf, namesOf } from '../tls/certificate.js';
import type { PeerCertificate } from '../tls/peer-certificate.js';

/** Reads the credentials of a request before its body. */
export type Present = (request: IncomingMessage) => Presented;

/**
 * Who is on the line: the credentials as they were sent, repeated ones apart (node:http would hide a second one). TLS
 * has proved that the caller holds the key of its certificate; with a truststore it must also chain to it, otherwise
 * (null) the registered thumbprint alone pins it.
 */
export function createPresent(truststore: (() => readonly X509Certificate[]) | null): Present {
  const seen = new WeakMap<TLSSocket, ClientCertificate | string | null>();
  const certificateOf = (socket: TLSSocket) => {
    const known = seen.get(socket);
    if (known !== undefined) return known;
    const read = readCertificate(socket, truststore?.() ?? null);
    seen.set(socket, read);
    return read;
  };
  return ({ rawHeaders, socket }) => {
    const read = socket instanceof TLSSocket ? certificateOf(socket) : null;
    const client = typeof read === 'string' ? null : read;
    const isInTime = client !== null && client.from <= Date.now() && Date.now() <= client.until;
    const refused = typeof read === 'string' ? read : client && !isInTime ? 'it is not valid now' : null;
    return {
      authorization: everyValue(rawHeaders, 'authorization'),
      apiKey: everyValue(rawHeaders, 'x-api-key'),
      thumbprint: isInTime ? client.thumbprint : null,
      certificate: isInTime ? client.chained : null,
      ...(refused !== null && { certificateRefused: refused }),
      amqpUser: null,
    };
  };
}

/** Of one connection, read once. */
interface ClientCertificate {
  readonly thumbprint: string;
  readonly chained: PeerCertificate | null;
  readonly from: number;
  readonly until: number;
}

/** A text: why it does not count. */
function readCertificate(
  socket: TLSSocket,
  truststore: readonly X509Certificate[] | null,
): ClientCertificate | string | null {
  const { raw } = socket.getPeerCertificate();
  if (!raw) return null;
  // Node types it as an error; it is the code of OpenSSL.
  if (truststore && !socket.authorized) return String(socket.authorizationError);
  const certificate = new X509Certificate(raw);
  return {
    thumbprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    chained: truststore && { certificate, issuerCertificate: issuerOf(certificate, truststore), ...namesOf(raw) },
    from: Date.parse(certificate.validFrom),
    until: Date.parse(certificate.validTo),
  };
}

/** Each occurrence of a header, lower-case name. */
export function everyValue(raw: readonly string[], name: string): readonly string[] {
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
}

/** Lower-case header names; a header sent twice is joined by ", " (RFC 9110 §5.3). */
export function plainHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}
