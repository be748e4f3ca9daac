import { Secret, TOTP } from 'otpauth';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http } from '../support/client.js';
import { consoleStage, logInAt, OWN_PASSWORD, type ConsoleStage } from '../support/console-stage.js';
import { bearer } from '../support/operators.js';
import type { Page } from 'playwright-core';

describe('the console: users and roles', () => {
  let stage: ConsoleStage;

  beforeAll(async () => {
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
  }, 120_000);
  afterAll(() => stage.stop(), 60_000);

  const looksRight = async (page: Page, name: string, problems: readonly string[]) => {
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, name);
    expect(problems).toEqual([]);
  };
  const rowOf = (page: Page, id: string) =>
    page.locator('tbody tr[data-index]').filter({ has: page.getByText(id, { exact: true }) });
  const audited = async (event: string) =>
    (await http(`${stage.gateway.url}/admin/audit?event=${event}`, { headers: bearer('platform') })).json<{
      items: { subject: string; detail: Record<string, string> }[];
    }>().items[0];

  it('2. by keyboard a user is invited, logs in with a password shown once, gets another role, and is closed out', async () => {
    const page = await stage.open('platform', '/console/operators');
    const problems = watchProblems(page);
    await rowOf(page, 'sulmona').waitFor();
    await looksRight(page, 'operators', problems);
    await page.getByRole('button', { name: 'Invita un utente' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Identificativo').focus();
    await page.keyboard.type('anna.rossi');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Anna Rossi');
    await dialog.getByLabel('Ambito (codice IPA)').focus();
    await page.keyboard.type('c_h166');
    await dialog.getByLabel('Motivo').focus();
    await page.keyboard.type('assunta al comune');
    await looksRight(page, 'operator-invite', problems);
    await page.keyboard.press('Enter');
    const password = await dialog.locator('[data-password]').innerText();
    await looksRight(page, 'operator-password', problems);
    await dialog.getByRole('button', { name: 'Fatto' }).press('Enter');
    await rowOf(page, 'anna.rossi').locator('[data-account="mustChange"]').waitFor();
    expect(await page.content()).not.toContain(password);
    expect(await audited('account.made')).toMatchObject({
      subject: 'anna.rossi',
      detail: { reason: 'assunta al comune' },
    });

    const hers = await stage.openNobody('/console/login?to=/messages');
    await logInAt(hers, 'anna.rossi', password);
    await hers.getByRole('heading', { level: 1, name: 'Scegli la tua password' }).waitFor();
    await hers.locator('input[name=password]').fill(password);
    await hers.locator('input[name=next]').fill(OWN_PASSWORD);
    await hers.locator('input[name=repeat]').fill(OWN_PASSWORD);
    await hers.locator('form button[type=submit]').last().click();
    await hers.getByRole('heading', { level: 1, name: 'Messaggi' }).waitFor();
    expect(await hers.getByRole('link', { name: 'Utenti e ruoli' }).count()).toBe(0);

    await page.reload();
    const row = rowOf(page, 'anna.rossi');
    await row.locator('summary').click();
    await row.getByText('password da 127.0.0.1').waitFor();
    await row.getByRole('button', { name: 'Cambia ruolo' }).click();
    await dialog.getByLabel('Ruolo').selectOption('auditor');
    await dialog.getByLabel('Motivo').fill('passa ai controlli');
    await dialog.getByRole('button', { name: 'Cambia ruolo' }).click();
    await row.getByRole('cell', { name: 'revisore', exact: true }).waitFor();
    await row.locator('[data-is="false"]').first().waitFor();
    await hers.goto('/console/messages');
    await hers.waitForURL('**/console/login?to=*');
    await row.getByRole('button', { name: 'Chiudi l’account' }).click();
    await dialog.getByLabel('Motivo').fill('si è trasferita');
    await looksRight(page, 'operator-close', problems);
    await dialog.getByRole('button', { name: 'Chiudi l’account' }).click();
    await row.locator('[data-account="noAccount"]').waitFor();
    await row.getByRole('button', { name: 'Togli l’utente' }).click();
    await dialog.getByLabel('Motivo').fill('non serve più');
    await dialog.getByRole('button', { name: 'Togli l’utente' }).click();
    await row.waitFor({ state: 'detached' });
  }, 120_000);

  it('2. sessions of another are ended', async () => {
    const theirs = await stage.open('centre');
    const page = await stage.open('platform', '/console/operators?text=centre');
    const row = rowOf(page, 'centre');
    await row.getByRole('button', { name: 'Chiudi le sessioni' }).click();
    await page.getByRole('dialog').getByLabel('Motivo').fill('portatile smarrito');
    await page.getByRole('dialog').getByRole('button', { name: 'Chiudi le sessioni' }).click();
    await row.getByRole('button', { name: 'Chiudi le sessioni' }).waitFor({ state: 'detached' });
    await theirs.reload();
    await theirs.waitForURL('**/console/login?to=*');
  }, 60_000);

  it('2. what each role may do is the table of the gateway, for everybody to read', async () => {
    const page = await stage.open('raiano', '/console/roles');
    const problems = watchProblems(page);
    const row = page.locator('tbody tr[data-index]').filter({ hasText: 'messages.payload' });
    await row.waitFor();
    expect(await row.locator('[data-is]').evaluateAll((all) => all.map((one) => one.getAttribute('data-is')))).toEqual([
      'true',
      'true',
      'true',
      'false',
    ]);
    await looksRight(page, 'roles', problems);
    const refused = page.waitForResponse((answer) => answer.url().includes('/admin/operators'));
    await page.goto('/console/operators');
    expect((await refused).status()).toBe(403);
    await page.getByText('operator-not-allowed').waitFor();
  }, 60_000);

  it('one’s own account says whether a second factor is on, and offers the other only', async () => {
    const page = await stage.open('raiano', '/console/account');
    const problems = watchProblems(page);
    await page.locator('[data-second-factor="off"]').waitFor();
    expect(await page.getByText('Da 15 a 128 caratteri').count()).toBe(1);
    expect(await page.locator('input[name=next]').getAttribute('minlength')).toBe('15');
    const section = page.locator('section[aria-labelledby=second]');
    expect(await section.getByRole('button', { name: 'Disattiva' }).count()).toBe(0);
    await section.locator('input[name=password]').fill(OWN_PASSWORD);
    await section.getByRole('button', { name: 'Attiva' }).click();
    const totp = new TOTP({ secret: Secret.fromBase32(await section.locator('code').first().innerText()) });
    await section.locator('input[name=code]').fill(totp.generate());
    await section.getByRole('button', { name: 'Conferma' }).click();
    await page.locator('[data-second-factor="on"]').waitFor();
    const codes = await section.locator('li code').allInnerTexts();
    expect(codes).toHaveLength(10);
    expect(await section.getByRole('button', { name: 'Attiva', exact: true }).count()).toBe(0);
    await looksRight(page, 'account-second-factor', problems);
    await section.locator('input[name=password]').fill(OWN_PASSWORD);
    await section.locator('input[name=code]').fill(codes[0]!);
    await section.getByRole('button', { name: 'Disattiva' }).click();
    await page.locator('[data-second-factor="off"]').waitFor();
  }, 60_000);
});
