import { ConfigError, type Config, type Revocation } from './config.js';
import { createPresent } from './ingress/peer.js';
import { createCheckClient } from './oauth/check-client.js';
import { createIssueToken } from './oauth/issue-token.js';
import { createIssuerKeys } from './oauth/issuer-keys.js';
import { createSigningKeys } from './oauth/signing-keys.js';
import { createVerifyToken } from './oauth/verify-token.js';
import { outboundRule } from './outbound/agent.js';
import { createSmallAnswers, ofTheSettings } from './outbound/small-answers.js';
import type { Attempts } from './policy/attempts.js';
import { createCheckSecret } from './policy/check-secret.js';
import { createIdentify } from './policy/identify.js';
import type { Registry } from './registry/registry.js';
import { verifySecret } from './registry/secret.js';
import type { Store } from './store/open-store.js';
import { createResponder } from './tls/ocsp.js';
import { createJudgeCertificate } from './tls/client-certificate.js';
import { createCheckCertificate, type CheckCertificate } from './tls/revocation.js';
import { openTlsFiles, type TlsFiles } from './tls/tls-files.js';
import type { GatewayLog } from './trace/log.js';

interface IdentityParts {
  readonly config: Pick<Config, 'publicUrl' | 'tls' | 'allowedNetworks'>;
  readonly registry: () => Registry;
  readonly store: Pick<Store, 'signingKeys' | 'assertions'>;
  readonly attempts: Attempts;
  readonly log: GatewayLog;
}

/** Who is calling: credentials, the tokens of other issuers, and the gateway's own token endpoint. */
export async function identityParts({ config, registry, store, attempts, log }: IdentityParts) {
  const { publicUrl: issuer } = config;
  const now = Date.now;
  const checkSecret = createCheckSecret(verifySecret);
  const keys = createSigningKeys({ store: store.signingKeys, now, problem: log.problem('signing keys') });
  const answers = createSmallAnswers(outboundRule(config, log));
  const issuerKeys = createIssuerKeys({ answers, now, problem: log.problem('token issuer') });
  const verifyToken = createVerifyToken({ registry, keys, issuerKeys, issuer, now });
  const audience = [issuer, `${issuer}/oauth/token`];
  const checkClient = createCheckClient({ registry, checkSecret, used: store.assertions, audience, now });
  const issue = createIssueToken({ checkClient, attempts, keys, issuer, now });
  const tls = config.tls && (await openFiles(config.tls, log));
  const revocation = revocationParts(config.tls?.revocation ?? { kind: 'off' }, tls, log);
  const { checkCertificate } = revocation;
  const truststore = config.tls?.caFile != null && tls ? tls.truststore : null;
  return {
    identify: createIdentify({ registry, checkSecret, verifyToken, checkCertificate }),
    present: createPresent(truststore),
    judge: createJudgeCertificate({ truststore, checkCertificate, now }),
    tls,
    tokens: { issue, keys, refused: log.tokenRefused },
    start: async () => {
      await keys.start();
      await tls?.watch();
    },
    stop: async () => {
      keys.stop();
      await tls?.stop();
      await revocation.close();
      await answers.close();
    },
  };
}

/** Throws ConfigError where the files cannot be used. */
async function openFiles({ certFile, keyFile, caFile, revocation }: NonNullable<Config['tls']>, log: GatewayLog) {
  const crlFile = revocation.kind === 'crl' ? revocation.file : null;
  const replaced = (news: object) => log.logger.info(news, 'tls.replaced');
  const problem = (error: unknown) => log.logger.error({ reason: (error as Error).message }, 'tls.refused');
  try {
    return await openTlsFiles({ certFile, keyFile, caFile, crlFile }, { replaced, problem });
  } catch (error) {
    const hint = 'certificate, key, authorities and lists are PEM files that fit each other';
    throw new ConfigError([{ name: 'CROCEVIA_TLS_*', message: (error as Error).message, hint }]);
  }
}

const nothing = async () => undefined;

function revocationParts(
  revocation: Revocation,
  files: TlsFiles | null,
  log: GatewayLog,
): { checkCertificate: CheckCertificate; close: () => Promise<void> } {
  if (revocation.kind === 'off' || files === null) return { checkCertificate: nothing, close: nothing };
  const now = Date.now;
  const answers = createSmallAnswers(ofTheSettings);
  const problem = log.problem('OCSP responder');
  const responder = revocation.kind === 'ocsp' ? createResponder({ url: revocation.url, answers, now, problem }) : null;
  const checkCertificate = createCheckCertificate({ ...revocation, files, responder, now });
  return { checkCertificate, close: answers.close };
}
