import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http } from '../support/client.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';
import { bearer } from '../support/operators.js';

const AT = '/admin/systems/sulmona.anagrafe/certificates';
const LIMIT_MS = 240_000;
const DAY_MS = 86_400_000;

const factsOf = (subject: string, days: number) => ({
  ...{ subject, issuer: 'CN=ca', serial: '01', thumbprint: subject, key: 'RSA 2048', days },
  ...{ from: new Date().toISOString(), until: new Date(Date.now() + days * DAY_MS).toISOString() },
  names: ['DNS:gw.example'],
});
const [IN_USE, ON_DISK] = [factsOf('CN=gateway', 20), factsOf('CN=nuovo', 300)];
const OWN = {
  ...{ inUse: IN_USE, readAt: IN_USE.from, onDisk: ON_DISK, isSame: false, keyFits: false, problem: 'key mismatch' },
  ...{ chain: [IN_USE, factsOf('CN=ca', 900)], isChainComplete: true, host: 'gw.example', coversHost: true },
};

/** The key as other tools write it, without a word of text. */
function keyFiles(pem: Buffer): readonly Buffer[] {
  const key = createPrivateKey(pem);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
  const sealed = { type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  return [
    key.export({ type: 'pkcs8', format: 'der' }),
    key.export(sealed),
    rsa.export({ type: 'pkcs1', format: 'der' }),
    // PKCS #12, its beginning (RFC 7292 §4)
    Buffer.from('308209b1020103308209', 'hex'),
  ];
}

describe('the console: the certificate of a system is renewed', () => {
  let stage: ConsoleStage;
  let authority: Authority;
  let [old, renewed] = [] as unknown as [Certificate, Certificate];

  beforeAll(async () => {
    authority = certificateAuthority();
    [old, renewed] = [authority.issue('old', undefined, { days: 20 }), authority.issue('new')];
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    const body = { certificate: old.cert.toString() };
    const added = await http(`${stage.gateway.url}${AT}?reason=prova`, { headers: bearer('platform'), body });
    expect(added.status).toBe(201);
  }, 120_000);
  afterAll(async () => {
    await stage.stop();
    authority.remove();
  }, 60_000);

  const looksRight = async (page: Page, name: string) => {
    expect([name, await accessibilityProblems(page)]).toEqual([name, []]);
    await keepScreenshot(page, name);
  };
  const rowOf = (page: Page, { thumbprint }: Certificate) =>
    page.getByRole('row').filter({ has: page.locator(`code[title="${thumbprint}"]`) });
  const choose = (page: Page, name: string, buffer: Buffer) =>
    page.getByLabel('File del certificato').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  const openRenewal = async (page: Page) => {
    await rowOf(page, old)
      .getByRole('button', { name: /^Rinnova/ })
      .click();
    await page.getByRole('dialog').waitFor();
  };

  it(
    '2: what ends soon is found by its address, and its new certificate put in beside it and the old one taken away',
    async () => {
      const page = await stage.open('region', '/console/certificates?within=30');
      const problems = watchProblems(page);
      await rowOf(page, old).waitFor();
      await looksRight(page, 'certificates-ending');
      await openRenewal(page);
      await choose(page, 'nuovo.der', new X509Certificate(renewed.cert).raw);
      await page.locator(`[data-certificate="${renewed.thumbprint}"]`).waitFor();
      await page.getByText('Nulla da eccepire').waitFor();
      await looksRight(page, 'certificates-renew');
      await page.getByLabel(/^Motivo/).fill('rinnovo annuale');
      await page.getByRole('button', { name: 'Aggiungi il certificato' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.goto('/console/certificates');
      await rowOf(page, renewed).waitFor();
      await rowOf(page, old)
        .getByRole('button', { name: /^Togli/ })
        .click();
      await page.getByText('non entra più con questo certificato').waitFor();
      await looksRight(page, 'certificates-remove');
      await page.getByLabel(/^Motivo/).fill('sostituito');
      await page.getByRole('dialog').getByRole('button', { name: 'Togli' }).click();
      await rowOf(page, old).waitFor({ state: 'detached' });
      await rowOf(page, renewed).waitFor();
      expect(problems).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    '2: a file with a private key is not sent, and what stands against a certificate is said',
    async () => {
      await http(`${stage.gateway.url}${AT}?reason=prova`, {
        headers: bearer('platform'),
        body: { certificate: old.cert.toString() },
      });
      const page = await stage.open('region', '/console/certificates');
      const sent: string[] = [];
      page.on('request', (request) => void sent.push(request.postData() ?? ''));
      await openRenewal(page);
      const key = readFileSync(renewed.keyFile);
      await choose(page, 'tutto.pem', Buffer.concat([renewed.cert, key]));
      await page.getByText('contiene una chiave privata').waitFor();
      expect(sent.join()).not.toContain('PRIVATE KEY');
      await looksRight(page, 'certificates-private-key');
      const before = sent.length;
      for (const file of keyFiles(key)) {
        await choose(page, 'testo.pem', Buffer.from('ciao'));
        await page.getByText('non contiene un certificato').waitFor();
        await choose(page, 'chiave.der', file);
        await page.getByText('contiene una chiave privata').waitFor();
      }
      expect(sent.slice(before).join()).not.toContain('CERTIFICATE');
      await choose(page, 'scaduto.pem', authority.issue('over', 'ended').cert);
      await page.locator('[data-problem="ended"]').waitFor();
      await page.getByLabel(/^Motivo/).fill('prova');
      await page.getByRole('button', { name: 'Aggiungi il certificato' }).click();
      await page.locator('dialog .alert, dialog [role=alert]').first().waitFor();
      await choose(page, 'testo.pem', Buffer.from('-----BEGIN CERTIFICATE-----'));
      await page.locator('[data-problem]').waitFor({ state: 'detached' });
      await page.locator('dialog [role=alert]').first().waitFor();
    },
    LIMIT_MS,
  );

  it(
    '2: the certificate of the gateway is tested, and what is wrong with it is said; who may not see the node is not offered it',
    async () => {
      const page = await stage.open('auditor', '/console/certificates');
      // The gateway of this stage ends no TLS; e2e certificates has the answers of one that does.
      await page.route('**/admin/certificates', (route) =>
        route.fulfill({ json: { readAt: new Date().toISOString(), problem: null, items: [] } }),
      );
      await page.route('**/admin/certificates/own', (route) => route.fulfill({ json: { own: OWN } }));
      await page.reload();
      await page.getByRole('button', { name: 'Prova il certificato del gateway' }).click();
      await page.locator('[data-check="keyFits"][data-right="false"]').waitFor();
      await page.locator('[data-check="covers"][data-right="true"]').getByText('gw.example').waitFor();
      await page.locator('[data-check="inTime"][data-right="true"]').waitFor();
      await page.getByText('In uso: CN=gateway').click();
      await page.getByText('DNS:gw.example').first().waitFor();
      await page.getByText('Su disco: CN=nuovo').waitFor();
      await looksRight(page, 'certificates-own');
      const other = await stage.open('region', '/console/certificates');
      await other.route('**/admin/certificates', (route) =>
        route.fulfill({ json: { readAt: new Date().toISOString(), problem: null, items: [] } }),
      );
      await other.reload();
      await other.getByText('In uso da').waitFor();
      expect(await other.getByRole('button', { name: 'Prova il certificato del gateway' }).count()).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    '2: who may only look is given no order',
    async () => {
      const page = await stage.open('auditor', '/console/certificates');
      await rowOf(page, old).waitFor();
      expect(await page.getByRole('button', { name: /^(Rinnova|Togli)/ }).count()).toBe(0);
    },
    LIMIT_MS,
  );
});
