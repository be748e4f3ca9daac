import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';

describe('the console: the system', () => {
  let stage: ConsoleStage;

  beforeAll(async () => {
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
  }, 120_000);
  afterAll(() => stage.stop(), 60_000);

  it('16. tells node, disks, database and the last result of each round', async () => {
    const page = await stage.open('platform', '/console/system');
    const problems = watchProblems(page);
    await page.getByRole('heading', { level: 2, name: 'Lavori periodici' }).waitFor();
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
    await row('Conservazione').getByText('contenuti cancellati: 0').waitFor({ timeout: 40_000 });
    await row('Rapporti per posta').getByText('mai su questo nodo').waitFor();
    expect(await page.getByText(/^sì, risponde in/).count()).toBe(1);
    expect(await page.getByText(/^il database non archivia il suo log/).count()).toBe(1);
    const charts = page.getByRole('region', { name: 'Andamento dell’ultimo giorno' }).locator('figure');
    await charts.nth(2).locator('canvas').waitFor();
    expect(await charts.locator('figcaption').allInnerTexts()).toEqual([
      'Memoria',
      'Ciclo degli eventi occupato',
      'Spazio libero',
    ]);
    await charts.nth(0).getByText('Dati del grafico').click();
    expect(await charts.nth(0).locator('.console-chart-data tbody tr').first().innerText()).toMatch(/MB/);
    expect(await page.locator('meter').count()).toBe(2);
    expect(await page.getByText(/liberi su/).count()).toBe(1);
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'system');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Scarica la diagnostica' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^crocevia-diagnostics-.*\.json$/);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByText('one node at a time does each', { exact: false }).waitFor();
    expect(problems).toEqual([]);
  }, 90_000);

  it('16. maintenance is begun with a reason, told on every page to everybody, and ended', async () => {
    const page = await stage.open('platform', '/console/system');
    const problems = watchProblems(page);
    await page.getByRole('button', { name: 'Inizia la manutenzione' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('continua a essere consegnato').waitFor();
    await dialog.getByLabel('Durata in minuti').fill('30');
    await dialog.getByLabel('Motivo').fill('cambio del database');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Inizia la manutenzione' }).click();
    const banner = (at: Page) => at.locator('.console-maintenance');
    await banner(page).getByText('cambio del database').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'maintenance');

    const other = await stage.open('sulmona', '/console/messages');
    expect(await banner(other).innerText()).toMatch(/platform[^]*cambio del database[^]*Finisce da sola/);
    expect(await accessibilityProblems(other)).toEqual([]);
    await other.getByRole('link', { name: 'Code e ritentativi' }).click();
    await other.getByRole('heading', { level: 1, name: 'Code' }).waitFor();
    expect(await banner(other).count()).toBe(1);
    const auditor = await stage.open('auditor', '/console/system');
    await auditor.locator('[data-maintenance=true]').waitFor();
    expect(await auditor.getByRole('button', { name: /manutenzione|Cambia motivo/ }).count()).toBe(0);

    await page.getByRole('button', { name: 'Termina la manutenzione' }).click();
    await dialog.getByLabel('Motivo').fill('fatto');
    await dialog.getByRole('button', { name: 'Termina la manutenzione' }).click();
    await banner(page).waitFor({ state: 'detached' });
    await banner(other).waitFor({ state: 'detached', timeout: 20_000 });
    expect(problems).toEqual([]);
  }, 120_000);
});
