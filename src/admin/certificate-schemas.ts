import { CERTIFICATE_PROBLEMS } from '../tls/client-certificate.js';
import { checked, compiled } from './checked.js';
import { closed, integer, listOf, orNull, ref, refOrNull, string, time } from './schema-parts.js';

const KINDS = ['server', 'authority', 'revocation-list', 'api-key', 'basic', 'tls', 'amqp', 'oauth', 'token'];

const boolean = { type: 'boolean' };
const thumbprint = { ...string, description: 'SHA-256 of the certificate, lower-case hex' };
const days = { ...integer, description: 'whole days that are left; negative: it is over' };

const FACTS = {
  subject: string,
  issuer: string,
  serial: { ...string, description: 'hex' },
  thumbprint,
  from: time,
  until: time,
  days,
  key: { ...string, description: 'such as RSA 2048' },
  names: { ...listOf(string), description: 'for which a server may use it, such as DNS:comune.it' },
};

/** JSON Schema of what ends, and of what replaces it. */
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
        thumbprint: { ...orNull(string), description: thumbprint.description },
        until: { ...orNull(time), description: 'null: it has no end here' },
        days: { ...orNull(integer), description: days.description },
        participant: { ...orNull(string), description: 'IPA code; null: the gateway' },
        system: orNull(string),
      }),
    ),
  }),
  CertificateFacts: closed(FACTS),
  OwnCertificate: closed({
    own: { ...refOrNull('OwnCertificateFacts'), description: 'null: somebody in front ends TLS' },
  }),
  OwnCertificateFacts: closed({
    inUse: ref('CertificateFacts'),
    readAt: time,
    onDisk: { ...refOrNull('CertificateFacts'), description: 'null: it cannot be read' },
    isSame: { ...boolean, description: 'what is in use lies on the disk' },
    keyFits: { type: ['boolean', 'null'], description: 'of the files on the disk; null: they cannot be read' },
    problem: { ...orNull(string), description: 'why the newest files are not in use' },
    chain: { ...listOf(ref('CertificateFacts')), description: 'as callers are shown it, the certificate first' },
    isChainComplete: {
      ...boolean,
      description: 'nothing is missing up to a root: its own, one of the truststore or one that browsers know',
    },
    host: { ...string, description: 'of PUBLIC_URL' },
    coversHost: boolean,
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
    ...FACTS,
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
