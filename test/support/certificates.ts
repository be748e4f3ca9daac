import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Lower-case hex SHA-256 of the DER certificate. */
  readonly thumbprint: string;
}

export interface Authority {
  readonly caFile: string;
  /** A certificate signed by this authority for this machine; `ended` gives one whose time was over in 2021. */
  /** `usage`: of the key, as openssl names it (extendedKeyUsage). */
  issue(
    name: string,
    ended?: 'ended',
    named?: {
      readonly organisation?: string;
      readonly altName?: string;
      readonly days?: number;
      readonly usage?: string;
    },
  ): Certificate;
  revoke(name: string): void;
  /** What it has revoked so far, in PEM; its time is over after so many seconds. */
  list(seconds: number): string;
  /**
   * An OCSP responder of this authority on a port of 127.0.0.1; it reads what is revoked when it starts. Its answers are signed by the
   * authority, or with the certificate that is given.
   */
  responder(port: number, signer?: Pick<Certificate, 'certFile' | 'keyFile'>): Promise<{ stop(): Promise<void> }>;
  /** A certificate that nobody else has signed. */
  selfSigned(name: string): Certificate;
  remove(): void;
}

const CONFIG = `[ca]
default_ca = d
[d]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = p
copy_extensions = copy
unique_subject = no
[p]
organizationName = optional
organizationalUnitName = optional
commonName = supplied
`;
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const NAMES = ['-addext', 'subjectAltName=IP:127.0.0.1'];

/** A certification authority in a directory of its own, made by openssl. */
export function certificateAuthority(): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'crocevia-ca-'));
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const self = (name: string) =>
    openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      ...NAMES,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  writeFileSync(join(directory, 'ca.cnf'), CONFIG);
  writeFileSync(join(directory, 'index.txt'), '');
  self('ca');
  const read = (name: string): Certificate => {
    const certFile = join(directory, `${name}.pem`);
    const keyFile = join(directory, `${name}.key`);
    const cert = readFileSync(certFile);
    const thumbprint = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
    return { certFile, keyFile, cert, key: readFileSync(keyFile), thumbprint };
  };
  const signer = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key'];
  return {
    revoke: (name) => void openssl('ca', ...signer, '-revoke', `${name}.pem`),
    list: (seconds) => openssl('ca', ...signer, '-gencrl', '-crlsec', String(seconds)).toString(),
    responder: async (port, { certFile, keyFile } = { certFile: 'ca.pem', keyFile: 'ca.key' }) => {
      const own = ['-index', 'index.txt', '-CA', 'ca.pem', '-rsigner', certFile, '-rkey', keyFile, '-nmin', '5'];
      const child = spawn('openssl', ['ocsp', '-port', String(port), ...own], { cwd: directory, stdio: 'pipe' });
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
      const gone = once(child, 'close');
      return { stop: async () => void (child.kill('SIGKILL'), await gone) };
    },
    caFile: join(directory, 'ca.pem'),
    issue: (name, ended, { organisation, altName = 'IP:127.0.0.1', days = 2, usage } = {}) => {
      const dates = ended ? ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'] : ['-days', String(days)];
      openssl(
        'req',
        '-new',
        ...NEW_KEY,
        '-addext',
        `subjectAltName=${altName}`,
        ...(usage ? ['-addext', `extendedKeyUsage=${usage}`] : []),
        '-subj',
        `${organisation ? `/O=${organisation}` : ''}/CN=${name}`,
        '-utf8',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
      );
      openssl('ca', '-batch', '-notext', ...signer, ...dates, '-in', `${name}.csr`, '-out', `${name}.pem`);
      return read(name);
    },
    selfSigned: (name) => (self(name), read(name)),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
