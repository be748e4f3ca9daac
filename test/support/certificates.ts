import { execFileSync } from 'node:child_process';
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
  /** A certificate signed by this authority; `ended` gives one whose time was over in 2021; it is for this machine where no other name is given. */
  issue(name: string, ended?: 'ended', altName?: string): Certificate;
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
  return {
    caFile: join(directory, 'ca.pem'),
    issue: (name, ended, altName = 'IP:127.0.0.1') => {
      const dates = ended ? ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'] : ['-days', '2'];
      openssl(
        'req',
        '-new',
        ...NEW_KEY,
        '-addext',
        `subjectAltName=${altName}`,
        '-subj',
        `/CN=${name}`,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
      );
      const signer = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key'];
      openssl('ca', '-batch', '-notext', ...signer, ...dates, '-in', `${name}.csr`, '-out', `${name}.pem`);
      return read(name);
    },
    selfSigned: (name) => (self(name), read(name)),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
