import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { watch, type FSWatcher } from 'chokidar';
import { certificatesIn } from './certificate.js';
import { readLists, type RevocationList } from './crl.js';

/** Paths of PEM files. */
export interface TlsPaths {
  readonly certFile: string;
  readonly keyFile: string;
  /** Null: a client certificate is known by its thumbprint alone. */
  readonly caFile: string | null;
  /** Null: no lists. */
  readonly crlFile: string | null;
}

interface Loaded {
  readonly options: SecureContextOptions;
  readonly truststore: readonly X509Certificate[];
  readonly lists: readonly RevocationList[];
  /** All bytes that were read: the same bytes are the same context. */
  readonly text: string;
}

/** The gateway's certificate, key, truststore and revocation lists, followed while it runs. */
export interface TlsFiles {
  options(): SecureContextOptions;
  truststore(): readonly X509Certificate[];
  lists(): readonly RevocationList[];
  /** When what is in use was read, and why the newest files are not; null: they are. */
  reading(): { readonly readAt: Date; readonly problem: string | null };
  /** What lies on the disk now, in use or not. Throws Error where it cannot be read. */
  look(): Promise<{ readonly certificate: X509Certificate; readonly keyFits: boolean }>;
  /** Told of new options for connections to come. */
  onChange(listener: (options: SecureContextOptions) => void): void;
  watch(): Promise<void>;
  stop(): Promise<void>;
}

interface FollowParts {
  readonly replaced: (news: { readonly subject: string; readonly until: string }) => void;
  /** Told of files that are broken: what was read before stays. */
  readonly problem: (error: unknown) => void;
}

/** Quiet time after a change: certificate and key are two files. */
const SETTLE_MS = 200;

/** Reads the files. Throws Error naming what is wrong with them. */
export async function openTlsFiles(paths: TlsPaths, { replaced, problem }: FollowParts): Promise<TlsFiles> {
  let loaded = await load(paths);
  let reading: { readonly readAt: Date; readonly problem: string | null } = { readAt: new Date(), problem: null };
  const listeners: ((options: SecureContextOptions) => void)[] = [];
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | undefined;
  const failed = (error: unknown) => {
    reading = { ...reading, problem: (error as Error).message };
    problem(error);
  };
  const reload = async () => {
    const next = await load(paths);
    reading = { readAt: new Date(), problem: null };
    if (next.text === loaded.text) return;
    loaded = next;
    for (const listener of listeners) listener(next.options);
    const { subject, validTo } = new X509Certificate(next.options.cert as Buffer);
    replaced({ subject: subject.replaceAll('\n', ','), until: validTo });
  };
  return {
    options: () => loaded.options,
    truststore: () => loaded.truststore,
    lists: () => loaded.lists,
    reading: () => reading,
    look: () => look(paths),
    onChange: (listener) => void listeners.push(listener),
    watch: async () => {
      // The directories: a file that is replaced, or reached by a link that is turned, is seen in them.
      const directories = [...new Set(Object.values(paths).flatMap((path) => (path ? dirname(String(path)) : [])))];
      watcher = watch(directories, { depth: 0, ignoreInitial: true });
      await new Promise<void>((ready) => watcher?.once('ready', () => ready()));
      watcher.on('all', () => {
        clearTimeout(timer);
        timer = setTimeout(() => void reload().catch(failed), SETTLE_MS);
      });
      await reload().catch(failed);
    },
    stop: async () => {
      clearTimeout(timer);
      await watcher?.close();
    },
  };
}

async function look({ certFile, keyFile }: TlsPaths) {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const certificate = new X509Certificate(cert);
  return { certificate, keyFits: certificate.checkPrivateKey(createPrivateKey(key)) };
}

async function load({ certFile, keyFile, caFile, crlFile }: TlsPaths): Promise<Loaded> {
  const read = (path: string | null) => (path === null ? null : readFile(path));
  const [cert, key, ca, crl] = await Promise.all([readFile(certFile), readFile(keyFile), read(caFile), read(crlFile)]);
  const options = { cert, key, ...(ca && { ca }), minVersion: 'TLSv1.2' as const };
  createSecureContext(options);
  const truststore = certificatesIn(ca?.toString('latin1') ?? '');
  if (ca && truststore.length === 0) throw new Error(`${caFile} holds no certificate in PEM`);
  const lists = crl ? await readLists(crl.toString('latin1'), truststore) : [];
  return { options, truststore, lists, text: [cert, key, ca, crl].map((one) => one?.toString('latin1')).join('\0') };
}
