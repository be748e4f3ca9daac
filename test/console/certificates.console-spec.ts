import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { certificateAuthority, type Authority, type Certificate } from '../support/certificates.js';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http } from '../support/client.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';
import { bearer } from '../support/operators.js';

const AT = '/admin/systems/sulmona.anagrafe/certificates';
const LIMIT_MS = 240_000;

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
      await choose(page, 'scaduto.pem', authority.issue('over', 'ended').cert);
      await page.locator('[data-problem="ended"]').waitFor();
      await page.getByLabel(/^Motivo/).fill('prova');
      await page.getByRole('button', { name: 'Aggiungi il certificato' }).click();
      await page.locator('dialog .alert, dialog [role=alert]').first().waitFor();
      await choose(page, 'testo.pem', Buffer.from('ciao'));
      await page.locator('[data-problem]').waitFor({ state: 'detached' });
      await page.locator('dialog [role=alert]').first().waitFor();
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
