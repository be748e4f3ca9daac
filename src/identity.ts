import type { Config } from './config.js';
import { createAttempts } from './oauth/attempts.js';
import { createCheckClient } from './oauth/check-client.js';
import { createIssueToken } from './oauth/issue-token.js';
import { createIssuerKeys } from './oauth/issuer-keys.js';
import { createSigningKeys } from './oauth/signing-keys.js';
import { createVerifyToken } from './oauth/verify-token.js';
import { createCheckSecret } from './policy/check-secret.js';
import { createIdentify } from './policy/identify.js';
import type { Registry } from './registry/registry.js';
import { verifySecret } from './registry/secret.js';
import type { Store } from './store/open-store.js';
import type { GatewayLog } from './trace/log.js';

interface IdentityParts {
  readonly config: Pick<Config, 'publicUrl'>;
  readonly registry: () => Registry;
  readonly store: Pick<Store, 'signingKeys' | 'assertions'>;
  readonly log: GatewayLog;
}

/** Who is calling: credentials, the tokens of other issuers, and the gateway's own token endpoint. */
export function identityParts({ config, registry, store, log }: IdentityParts) {
  const { publicUrl: issuer } = config;
  const now = Date.now;
  const checkSecret = createCheckSecret(verifySecret);
  const keys = createSigningKeys({ store: store.signingKeys, now, problem: log.problem('signing keys') });
  const issuerKeys = createIssuerKeys({ now, problem: log.problem('token issuer') });
  const verifyToken = createVerifyToken({ registry, keys, issuerKeys, issuer, now });
  const audience = [issuer, `${issuer}/oauth/token`];
  const checkClient = createCheckClient({ registry, checkSecret, used: store.assertions, audience, now });
  const issue = createIssueToken({ checkClient, attempts: createAttempts(now), keys, issuer, now });
  return {
    identify: createIdentify({ registry, checkSecret, verifyToken }),
    tokens: { issue, keys, refused: log.tokenRefused },
    start: () => keys.start(),
    stop: async () => {
      keys.stop();
      await issuerKeys.close();
    },
  };
}
