import type { X509Certificate } from 'node:crypto';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config.js';
import type { Finding } from '../shape.js';
import { certificatesIn } from '../tls/certificate.js';
import { readableFindings, unreadable } from './check-secrets.js';

const DAY_MS = 86_400_000;
/** Days before its end from which a certificate is told of. */
const SOON_DAYS = 30;

/** The files of TLS: that they are there and can be read, that certificate and key belong together, and how long it is good. */
export function tlsFindings({ tls }: Pick<Config, 'tls'>, now: Date): readonly Finding[] {
  if (!tls) return [];
  const crl = tls.revocation.kind === 'crl' ? tls.revocation.file : null;
  const named = [
    ['CROCEVIA_TLS_CERT_FILE', tls.certFile],
    ['CROCEVIA_TLS_KEY_FILE', tls.keyFile],
    ...(tls.caFile ? [['CROCEVIA_TLS_CA_FILE', tls.caFile] as const] : []),
    ...(crl ? [['CROCEVIA_TLS_CRL_FILE', crl] as const] : []),
  ] as const;
  const files = named.map(([name, file]) => fileFinding(name, file));
  const pair = files.slice(0, 2).some(({ level }) => level === 'wrong') ? [] : pairFindings(tls, now);
  return [...files, ...readableFindings('tls-key-readable', 'CROCEVIA_TLS_KEY_FILE', tls.keyFile), ...pair];
}

function fileFinding(subject: string, file: string): Finding {
  const problem = unreadable(file);
  if (problem === null) return { level: 'ok', subject, text: file };
  const text = problem === 'absent' ? `${file} does not exist` : `${file} cannot be read by this user`;
  const expected = 'a PEM file that the user of the gateway can read';
  return { level: 'wrong', code: `tls-file-${problem}`, subject, text, expected };
}

function pairFindings({ certFile, keyFile }: NonNullable<Config['tls']>, now: Date): readonly Finding[] {
  const [certificate] = read(() => certificatesIn(readFileSync(certFile, 'utf8'))) ?? [];
  const key = read(() => createPrivateKey(readFileSync(keyFile)));
  return [
    ...(certificate
      ? timeFindings(certificate, certFile, now)
      : [broken('CROCEVIA_TLS_CERT_FILE', certFile, 'certificate')]),
    ...(key ? [] : [broken('CROCEVIA_TLS_KEY_FILE', keyFile, 'private key without a password')]),
    ...(certificate && key ? matchFindings(certificate, key, keyFile) : []),
  ];
}

function read<T>(reading: () => T): T | null {
  try {
    return reading();
  } catch {
    return null;
  }
}

const broken = (subject: string, file: string, what: string): Finding => ({
  level: 'wrong',
  code: 'tls-file-broken',
  subject,
  text: `${file} holds no ${what}`,
  expected: `a ${what} in PEM`,
});

function matchFindings(certificate: X509Certificate, key: KeyObject, file: string): readonly Finding[] {
  if (certificate.checkPrivateKey(key)) return [];
  return [
    {
      level: 'wrong',
      code: 'certificate-key-mismatch',
      subject: 'CROCEVIA_TLS_KEY_FILE',
      text: `${file} is not the key of the first certificate in CROCEVIA_TLS_CERT_FILE`,
      expected:
        'the key with which the certificate was asked for; the gateway’s own certificate comes first in its file',
    },
  ];
}

function timeFindings({ validFrom, validTo }: X509Certificate, file: string, now: Date): readonly Finding[] {
  const [from, until] = [new Date(validFrom), new Date(validTo)];
  const days = Math.floor((until.getTime() - now.getTime()) / DAY_MS);
  const subject = 'CROCEVIA_TLS_CERT_FILE';
  const expected = 'a certificate that is good for more than 30 days; the gateway takes a new file without a restart';
  const day = (time: Date) => time.toISOString().slice(0, 10);
  if (until <= now)
    return [
      { level: 'wrong', code: 'certificate-expired', subject, text: `${file} was good until ${day(until)}`, expected },
    ];
  if (from > now)
    return [
      {
        level: 'wrong',
        code: 'certificate-not-yet-valid',
        subject,
        text: `${file} is good from ${day(from)}`,
        expected,
      },
    ];
  if (days >= SOON_DAYS) return [{ level: 'ok', subject, text: `${file} is good until ${day(until)}` }];
  const text = `${file} is good until ${day(until)}, for ${days} more ${days === 1 ? 'day' : 'days'}`;
  return [{ level: 'warning', code: 'certificate-ends-soon', subject, text, expected }];
}
