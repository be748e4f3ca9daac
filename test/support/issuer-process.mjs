// An issuer of OpenID Connect at argv[2] for the gateway at argv[3]; what it is told over IPC says who is logged in.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [, , url, gateway] = process.argv;
const signing = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const clientKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const addresses = {
  redirect_uris: [`${gateway}/admin/session/oidc/callback`],
  post_logout_redirect_uris: [`${gateway}/console/`],
};
let account = { sub: 'nobody' };
let isSilent = false;

const provider = new Provider(url, {
  clients: [
    {
      client_id: 'crocevia',
      client_secret: 'secret-of-the-client-at-the-issuer',
      token_endpoint_auth_method: 'client_secret_post',
      ...addresses,
    },
    {
      client_id: 'crocevia-key',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [clientKey.publicKey.export({ format: 'jwk' })] },
      ...addresses,
    },
  ],
  jwks: { keys: [{ ...signing.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ['a key of the tests'] },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  findAccount: (_context, accountId) => ({ accountId, claims: () => account }),
  loadExistingGrant: async ({ oidc }) => {
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid email');
    await grant.save();
    return grant;
  },
});
const serve = provider.callback();

process.on('message', (told) => {
  account = told.account ?? account;
  isSilent = told.silent ?? isSilent;
  process.send({ done: true });
});
process.on('disconnect', () => process.exit(0));

createServer((request, reply) => {
  if (isSilent) return;
  if (request.url.startsWith('/interaction/'))
    void provider.interactionFinished(request, reply, { login: { accountId: account.sub } });
  else void serve(request, reply);
}).listen(Number(new URL(url).port), '127.0.0.1', () =>
  process.send({ clientKey: clientKey.privateKey.export({ type: 'pkcs8', format: 'pem' }) }),
);
