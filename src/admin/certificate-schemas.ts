import { closed, integer, listOf, orNull, string, time } from './schema-parts.js';

const KINDS = ['server', 'authority', 'revocation-list', 'api-key', 'basic', 'tls', 'amqp', 'oauth', 'token'];

/** JSON Schema of what ends. */
export const CERTIFICATE_SCHEMAS = {
  Certificates: closed({
    readAt: { ...orNull(time), description: 'when the TLS files in use were read; null: this node has none' },
    problem: { ...orNull(string), description: 'why the newest TLS files are not in use' },
    items: listOf(
      closed({
        kind: { type: 'string', enum: KINDS, description: 'the first three: of the gateway; the others: of a system' },
        subject: { ...string, description: 'what it is known by; never a secret' },
        issuer: orNull(string),
        serial: orNull(string),
        thumbprint: { ...orNull(string), description: 'SHA-256 of the certificate, lower-case hex' },
        until: { ...orNull(time), description: 'null: it has no end here' },
        days: { ...orNull(integer), description: 'whole days that are left; negative: it is over' },
        participant: { ...orNull(string), description: 'IPA code; null: the gateway' },
        system: orNull(string),
      }),
    ),
  }),
};
