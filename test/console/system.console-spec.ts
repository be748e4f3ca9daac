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
});
