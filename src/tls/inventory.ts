import { X509Certificate } from 'node:crypto';
import { onOneLine, thumbprintOf } from './facts.js';
import type { TlsFiles } from './tls-files.js';

/** What one of the gateway's TLS files holds. */
export interface HeldCertificate {
  readonly kind: 'server' | 'authority' | 'revocation-list';
  /** Names as OpenSSL writes them, on one line. */
  readonly subject: string;
  readonly issuer: string;
  /** Null: of a list. */
  readonly serial: string | null;
  /** Lower-case hex SHA-256 of the DER certificate; null: of a list. */
  readonly thumbprint: string | null;
  /** Null: a list that does not say. */
  readonly until: Date | null;
}

/** What the TLS files of this node hold, and how they were read last. */
export interface TlsInventory {
  readonly held: readonly HeldCertificate[];
  /** When what is in use was read; null: this node has no TLS of its own. */
  readonly readAt: Date | null;
  /** Why the newest files are not in use; null: they are. */
  readonly problem: string | null;
}

/** `tls` null: somebody else ends TLS. */
export function inventoryOf(tls: TlsFiles | null): TlsInventory {
  if (tls === null) return { held: [], readAt: null, problem: null };
  const lists = tls.lists().map(({ issuer, nextUpdate }) => ({
    ...{ kind: 'revocation-list' as const, subject: onOneLine(issuer.subject), issuer: onOneLine(issuer.subject) },
    ...{ serial: null, thumbprint: null, until: nextUpdate },
  }));
  const server = heldOf('server', new X509Certificate(tls.options().cert as Buffer));
  return { held: [server, ...tls.truststore().map((one) => heldOf('authority', one)), ...lists], ...tls.reading() };
}

const heldOf = (kind: 'server' | 'authority', one: X509Certificate): HeldCertificate => ({
  kind,
  subject: onOneLine(one.subject),
  issuer: onOneLine(one.issuer),
  serial: one.serialNumber,
  thumbprint: thumbprintOf(one),
  until: new Date(one.validTo),
});
