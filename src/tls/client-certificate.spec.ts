import { X509Certificate } from 'node:crypto';
import { Fault } from '../message/fault.js';
import { createJudgeCertificate, readCertificate } from './client-certificate.js';
import { factsOf } from './facts.js';

/** RSA of 1,024 bits, signed with SHA-1, of a server; from 2026-11-28 to 2126. */
const WEAK = `-----BEGIN CERTIFICATE-----
MIICNDCCAZ2gAwIBAgIUUn0NTd2+fcJV2Ss9vKFwUJdgT4gwDQYJKoZIhvcNAQEF
BQAwIjEPMA0GA1UECgwGQ29tdW5lMQ8wDQYDVQQDDAZkZWJvbGUwIBcNMjYxMTI4
MDYzODQwWhgPMjEyNjExMDQwNjM4NDBaMCIxDzANBgNVBAoMBkNvbXVuZTEPMA0G
A1UEAwwGZGVib2xlMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDBMh7AEeNV
3zjYMvoglML2ielUtHTO74ZV41IOBLEUM2r+bqNAPRxn+UW+QadQrHo9WdRPIIq9
stYPVcvGIfW1nwfJjAu5+1UyddPBVpSsfQI2/QonhADevGb8tfp2NON+J4SwcVNs
ZPimft2g9I4Zb7Q07E3YQGLfSntYZkiGywIDAQABo2UwYzAdBgNVHQ4EFgQUtfQ+
zQDOc1+KdTI+6/oVpT3uie4wHwYDVR0jBBgwFoAUtfQ+zQDOc1+KdTI+6/oVpT3u
ie4wEwYDVR0lBAwwCgYIKwYBBQUHAwEwDAYDVR0TAQH/BAIwADANBgkqhkiG9w0B
AQUFAAOBgQAX/QdM3EymzopfZfTeyrPOHpHQYOsv7y3AkI0KLg+YhMJ0JVaegrCH
JEiyN4sKTgerudh1Fnc+NAGuvWEotlOBDg4vmDWTcLKgBdPO+AYsEeRBz8Ci863T
NiUv+ARiQ72uLvyHz5Pi7XzXSaj8wkqH/Ng6eSxWnIHnuf8bLZ/nXA==
-----END CERTIFICATE-----`;
/** A P-256 key, of a client; from 2026-11-28 to 2027-11-28. */
const SOUND = `-----BEGIN CERTIFICATE-----
MIIBpzCCAU2gAwIBAgIUPo7Eze5G3uSs7VnHi24VkWykboQwCgYIKoZIzj0EAwIw
IDEPMA0GA1UECgwGQ29tdW5lMQ0wCwYDVQQDDARzYW5vMB4XDTI2MTEyODA2Mzg0
MFoXDTI3MTEyODA2Mzg0MFowIDEPMA0GA1UECgwGQ29tdW5lMQ0wCwYDVQQDDARz
YW5vMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEphcrT/iCcSutw+dpXDa8/Vka
WYkFYRicl2eOJ7B1W2PnDnxJ+uomm4/69QpDxvqcMKh6du51Ccx4OB0C//k3ZKNl
MGMwHQYDVR0OBBYEFEcP/xwVMD59a2sKY7MK7dvoCgImMB8GA1UdIwQYMBaAFEcP
/xwVMD59a2sKY7MK7dvoCgImMBMGA1UdJQQMMAoGCCsGAQUFBwMCMAwGA1UdEwEB
/wQCMAAwCgYIKoZIzj0EAwIDSAAwRQIgA57MaAhZVMT1JF6jsJ+3rZVX6EasZvoy
GmfEtc4iuNACIQC/+4ovoB3rvn/IMv8fqfy5AYj3enFtkmL496xb8P+1yg==
-----END CERTIFICATE-----`;

/** The sound one with other bytes, as a stranger may make it: its signature does not count here. */
function changed(from: string, to: string): string {
  const der = Buffer.from(new X509Certificate(SOUND).raw);
  der.write(to, der.indexOf(from, 0, 'latin1'), 'latin1');
  return new X509Certificate(der).toString();
}

const DURING = Date.parse('2027-01-01T00:00:00Z');
const judge = (
  pem: string,
  now = DURING,
  truststore: readonly X509Certificate[] | null = null,
  checkCertificate = async () => undefined as void,
) =>
  createJudgeCertificate({ truststore: truststore && (() => truststore), checkCertificate, now: () => now })(
    readCertificate(pem),
  );

describe('a client certificate', () => {
  it('is read from a text, the first of several, with its key and thumbprint', () => {
    const certificate = readCertificate(`Subject: x\n${SOUND}\n${WEAK}`);
    expect(certificate.subject).toContain('CN=sano');
    expect([factsOf(certificate).key, factsOf(readCertificate(WEAK)).key]).toEqual(['EC prime256v1', 'RSA 1024']);
    expect(factsOf(certificate).thumbprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['a private key', `${SOUND}\n-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----`],
    ['an encrypted private key', '-----BEGIN ENCRYPTED PRIVATE KEY-----'],
  ])('is refused as a text that holds %s', (_name, pem) => {
    expect(() => readCertificate(pem)).toThrow(expect.objectContaining({ code: 'private-key-sent' }));
  });

  it.each([
    ['a time that is none', changed('271128', '279928'), /cannot be read/],
    ['a key of an unknown kind', changed('\x06\x07\x2a\x86\x48', '\x06\x07\x2a\x86\x49'), /cannot be read/],
    ['nothing', 'ciao', /no certificate/],
    ['broken bytes', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', /cannot be read/],
  ])('is refused as a text that holds %s', (_name, pem, detail) => {
    expect(() => readCertificate(pem)).toThrow(
      expect.objectContaining({ code: 'parameter-wrong', message: expect.stringMatching(detail) }),
    );
  });

  it('has nothing against it where it is sound', async () => {
    expect(await judge(SOUND)).toEqual([]);
  });

  it('is told to be weak, of a server, ended, or before its time', async () => {
    expect(await judge(WEAK)).toEqual(['weak-key', 'weak-signature', 'not-for-clients']);
    expect(await judge(SOUND, Date.parse('2028-01-01T00:00:00Z'))).toEqual(['ended']);
    expect(await judge(SOUND, Date.parse('2026-01-01T00:00:00Z'))).toEqual(['not-yet']);
  });

  it('is told to be of an unknown authority, revoked, or not to be found out about', async () => {
    const own = [new X509Certificate(SOUND)];
    const refusing = (code: 'certificate-revoked' | 'certificate-status-unknown') => () =>
      Promise.reject(new Fault(code, { detail: 'x' }));
    expect(await judge(SOUND, DURING, [new X509Certificate(WEAK)])).toEqual(['unknown-authority']);
    expect(await judge(SOUND, DURING, own)).toEqual([]);
    expect(await judge(SOUND, DURING, own, refusing('certificate-revoked'))).toEqual(['revoked']);
    expect(await judge(SOUND, DURING, own, refusing('certificate-status-unknown'))).toEqual(['status-unknown']);
    const broken = () => Promise.reject(new Error('broken'));
    await expect(judge(SOUND, DURING, own, broken)).rejects.toThrow('broken');
  });
});
