import type { X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Certificate } from 'pkijs';
import {
  BasicOCSPResponse,
  CertID,
  getCrypto,
  OCSPRequest,
  OCSPResponse,
  type ExtKeyUsage,
  type SingleResponse,
} from 'pkijs';
import type { SmallAnswers } from '../outbound/small-answers.js';
import { parsed } from './certificate.js';
import type { CertificateStatus, PeerCertificate } from './peer-certificate.js';

const LIMIT_MS = 3_000;
const MAX_BYTES = 65_536;
/** An answer is asked for again after it, though its own time be longer. */
const KEPT_MS = 3_600_000;
/** Between two questions for a certificate of which the responder said nothing of use. */
const PAUSE_MS = 30_000;
const CLOCKS_MS = 300_000;
/** Of an answer that names no end. */
const UNSAID_MS = 86_400_000;

const OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
/** Context tags of CertStatus (RFC 6960 §4.2.1). */
const STATUSES: readonly CertificateStatus[] = ['good', 'revoked', 'unknown'];

interface Answer {
  readonly status: CertificateStatus;
  readonly until: number;
}

export interface Responder {
  /** Of the certificate, as the responder says it or has said; unknown where it is away, late or not to be believed. */
  statusOf(certificate: PeerCertificate): Promise<CertificateStatus>;
}

interface ResponderParts {
  readonly url: string;
  readonly answers: SmallAnswers;
  readonly now: () => number;
  readonly problem: (error: unknown) => void;
}

/** Asks the OCSP responder at one address, that of the settings: what certificates name is never called. */
export function createResponder({ url, answers, now, problem }: ResponderParts): Responder {
  const known = new LRUCache<string, Promise<Answer>>({ max: 10_000 });
  const ask = async (peer: PeerCertificate): Promise<Answer> => {
    try {
      if (peer.issuerCertificate)
        return await askResponder(url, answers, peer.certificate, peer.issuerCertificate, now());
    } catch (error) {
      problem(error);
    }
    return { status: 'unknown', until: now() + PAUSE_MS };
  };
  return {
    statusOf: async (peer) => {
      const key = peer.certificate.fingerprint256;
      const before = known.get(key);
      const said = await before;
      if (said && now() < said.until) return said.status;
      // Callers that come at the same time wait for one question.
      const last = known.get(key);
      const asking = last === undefined || last === before ? ask(peer) : last;
      known.set(key, asking);
      return (await asking).status;
    },
  };
}

/** Throws Error where the answer is late, malformed or not of the authority. */
async function askResponder(
  url: string,
  answers: SmallAnswers,
  certificate: X509Certificate,
  issuer: X509Certificate,
  now: number,
): Promise<Answer> {
  const question = new OCSPRequest();
  const [subject, authority] = [parsed(certificate), parsed(issuer)];
  await question.createForCertificate(subject, { hashAlgorithm: 'SHA-1', issuerCertificate: authority });
  const bytes = await answers.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
    body: Buffer.from(question.toSchema(true).toBER()),
    limitMs: LIMIT_MS,
    maxBytes: MAX_BYTES,
  });
  const basic = basicIn(bytes);
  if (!(await isOfAuthority(basic, issuer, now))) throw new Error('the OCSP answer is not signed by the authority');
  const wanted = new CertID();
  await wanted.createForCertificate(subject, { hashAlgorithm: 'SHA-1', issuerCertificate: authority });
  return answerIn(basic.tbsResponseData.responses, wanted, now);
}

function basicIn(der: Buffer): BasicOCSPResponse {
  const response = OCSPResponse.fromBER(der);
  const status = response.responseStatus.valueBlock.valueDec;
  const bytes = response.responseBytes;
  if (status !== 0 || bytes?.responseType !== OCSP_BASIC)
    throw new Error(`the OCSP responder says status ${status} or gives no basic answer`);
  return BasicOCSPResponse.fromBER(bytes.response.valueBlock.valueHexView as Uint8Array<ArrayBuffer>);
}

/** Signed by the authority itself, or by one that it has named for that (RFC 6960 §4.2.2.2). */
async function isOfAuthority(basic: BasicOCSPResponse, issuer: X509Certificate, now: number): Promise<boolean> {
  const authority = parsed(issuer);
  const named: Certificate[] = [];
  for (const one of basic.certs ?? []) if (await isNamed(one, authority, now)) named.push(one);
  for (const signer of [authority, ...named]) if (await isSignedBy(basic, signer).catch(() => false)) return true;
  return false;
}

const isSignedBy = (basic: BasicOCSPResponse, { subjectPublicKeyInfo }: Certificate): Promise<boolean> =>
  getCrypto(true).verifyWithPublicKey(
    basic.tbsResponseData.tbsView as Uint8Array<ArrayBuffer>,
    basic.signature,
    subjectPublicKeyInfo,
    basic.signatureAlgorithm,
  );

async function isNamed(one: Certificate, authority: Certificate, now: number): Promise<boolean> {
  const usage = one.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE)?.parsedValue as
    ExtKeyUsage | undefined;
  const isInTime = one.notBefore.value.getTime() <= now && now <= one.notAfter.value.getTime();
  return (
    isInTime &&
    (usage?.keyPurposes.includes(OCSP_SIGNING) ?? false) &&
    one.issuer.isEqual(authority.subject) &&
    (await one.verify(authority).catch(() => false))
  );
}

function answerIn(responses: readonly SingleResponse[], wanted: CertID, now: number): Answer {
  const own = responses.find(({ certID }) => certID.isEqual(wanted));
  if (!own) throw new Error('the OCSP answer is of another certificate');
  const until = own.nextUpdate?.getTime() ?? own.thisUpdate.getTime() + UNSAID_MS;
  if (own.thisUpdate.getTime() > now + CLOCKS_MS || until + CLOCKS_MS < now)
    throw new Error('the OCSP answer is not of this time');
  const { tagNumber } = (own.certStatus as { idBlock: { tagNumber: number } }).idBlock;
  const status = STATUSES[tagNumber] ?? 'unknown';
  return {
    status,
    until: status === 'unknown' ? now + PAUSE_MS : Math.min(Math.max(until, now + PAUSE_MS), now + KEPT_MS),
  };
}
