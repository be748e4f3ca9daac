import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { hashSecret } from '../../src/registry/secret.js';
import type { PublicJwk } from '../../src/registry/model.js';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';
import { http } from '../support/client.js';
import { corpus } from '../support/corpus.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { sendHostile, type HostileCase, type Stage } from '../support/hostile.js';
import { CASES_OVER_REST } from '../support/hostile-registry.js';
import { INTERNALS } from '../support/refusals.js';
import { startIssuer, type TokenIssuer } from '../support/tokens.js';

const ISSUER = 'https://idp.gw.test';
const KID = 'entity-registry';
/** Holds the certificate of the key that the issuer of the cases signs with. */
const CERTIFIED = 'cases/wss/xsw9-security-header-other-actor.xml';

const directory = corpus('security');
const cases = directory
  ? (JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as { cases: readonly HostileCase[] }).cases.filter(
      (one) => one.class === 'jwt',
    )
  : [];

function issuersKey(text: string): PublicJwk {
  const [, base64 = ''] = />\s*(MII[A-Za-z0-9+/=\s]+)</.exec(text) ?? [];
  const { publicKey } = new X509Certificate(Buffer.from(base64, 'base64'));
  return { ...(publicKey.export({ format: 'jwk' }) as PublicJwk), kid: KID };
}

const participant = (id: string): readonly RegistryDocument[] => [
  { kind: 'participant', id, name: id, type: 'agency' },
  {
    kind: 'system',
    id: `${id}.system`,
    participant: id,
    credentials: [
      { kind: 'token', issuer: ISSUER, subject: id },
      { kind: 'api-key', id, hash: hashSecret(`secret-${id}`) },
    ],
    ...(id === 'entity-tax' && {
      provides: [{ service: 'case-submit', version: 2 }],
      receives: { channel: 'box', shape: 'original' },
    }),
  },
];

const documents = (jwksUri: string): readonly RegistryDocument[] => [
  { kind: 'issuer', id: 'idp', issuer: ISSUER, jwksUri, audience: 'gateway' },
  ...['entity-registry', 'entity-tax', 'entity-court'].flatMap(participant),
  CASES_OVER_REST,
  ...['entity-registry', 'entity-court'].map((consumer) => ({
    kind: 'agreement' as const,
    id: `cases-${consumer}`,
    consumer,
    provider: 'entity-tax',
    service: 'case-submit',
    version: 2,
  })),
];
const CASE = {
  type: 'object',
  properties: { sender: { type: 'string' }, receiver: { type: 'string' } },
  required: ['sender', 'receiver'],
};

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('hostile tokens, embedded', () => {
    let issuer: TokenIssuer;
    let canary: TokenIssuer;
    let gateway: RunningGateway;
    let places: readonly string[];
    let stage: Stage;
    let run = 0;
    const accepted = new Set<string>();

    beforeAll(async () => {
      [issuer, canary] = await Promise.all([startIssuer(), startIssuer()]);
      issuer.serve([issuersKey(readFileSync(join(directory, CERTIFIED), 'utf8'))]);
      const [registry = '', data = ''] = (places = await Promise.all(
        ['registry', 'data'].map((use) => mkdtemp(join(tmpdir(), `crocevia-${use}-`))),
      ));
      const written = documents(issuer.jwksUri).map((one) => stringify(one));
      await writeFile(join(registry, 'cases.yaml'), written.join('---\n'));
      await writeFile(join(registry, 'case.jsonschema'), JSON.stringify(CASE));
      gateway = await startGateway({ CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_DATA_DIR: data });
      stage = {
        directory,
        url: gateway.url,
        authorization: 'none',
        replacements: { '{{OOB}}': canary.url },
        paths: { '/api/v1/messages': '/rest/entity-tax/v2/case-submit/cases' },
      };
    }, 60_000);

    afterAll(async () => {
      expect(await gateway.stop()).toBe(0);
      await Promise.all([issuer.stop(), canary.stop()]);
      await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
    }, 30_000);

    it.each(cases)('1: $id: $title', async (one) => {
      const answer = await sendHostile(one, stage);
      run++;
      for (const location of answer.locations) accepted.add(location.split('/').at(-1) ?? '');
      expect(one.expected.status).toContain(answer.status);
      expect(answer.ms).toBeLessThan(5_000);
      expect(answer.text).not.toMatch(INTERNALS);
      if (answer.status === 401)
        expect(answer.text).toMatch(/"code":"(token-wrong|token-expired|credentials-missing)"/);
      expect((await http(`${gateway.url}/status`)).status).toBe(200);
    });

    it('1: what was refused was never delivered, and nobody was asked but the issuer, once', async () => {
      const { messages } = (
        await http(`${gateway.url}/box/messages?max=100`, { key: 'entity-tax.secret-entity-tax' })
      ).json<{ messages: readonly { id: string }[] }>();
      // jwt-jti-replay is sent twice, which a bearer token may be.
      expect(messages).toHaveLength(accepted.size + 1);
      expect(messages.map(({ id }) => id)).toEqual(expect.arrayContaining([...accepted]));
      expect(accepted.size).toBe(2);
      expect(canary.asked).toEqual([]);
      expect(issuer.asked).toEqual(['/jwks']);
    });

    it('1: ran every case of the class', () => {
      console.log(`hostile tokens: ${run} of ${cases.length} cases run, ${accepted.size} accepted`);
      expect(cases).toHaveLength(25);
      expect(run).toBe(cases.length);
      const tokens = cases.map(({ request }) => String(request.headers?.['Authorization'] ?? ''));
      for (const token of tokens.filter((one) => one.length > 200))
        expect(gateway.logs()).not.toContain(token.split('.').at(-1)?.slice(0, 60) || 'no signature');
      expect(gateway.logs()).not.toContain('access_token');
    });
  });
