import { CERTIFICATE_PROBLEMS } from '../tls/client-certificate.js';
import { checked, compiled } from './checked.js';
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
  ClientCertificateBody: {
    type: 'object',
    additionalProperties: false,
    required: ['certificate'],
    properties: {
      certificate: {
        ...string,
        maxLength: 100_000,
        description: 'PEM, the own certificate first; never with a private key',
      },
    },
  },
  ClientCertificate: closed({
    subject: string,
    issuer: string,
    serial: { ...string, description: 'hex' },
    thumbprint: { ...string, description: 'SHA-256, lower-case hex' },
    from: time,
    until: time,
    days: { ...integer, description: 'whole days that are left; negative: it is over' },
    key: { ...string, description: 'such as RSA 2048' },
    problems: {
      ...listOf({ type: 'string', enum: [...CERTIFICATE_PROBLEMS] }),
      description:
        'with `ended` or `authority` it is refused; `unknown-authority`: of the truststore none has issued it itself',
    },
    known: {
      ...orNull({ type: 'string', enum: ['thumbprint', 'name'] }),
      description: 'how the system is let in with it already; null: it is not',
    },
  }),
};

const validate = compiled(CERTIFICATE_SCHEMAS.ClientCertificateBody);

/** The text of a body. Throws parameter-wrong. */
export const certificateIn = (body: unknown): string => checked<{ certificate: string }>(validate, body).certificate;
