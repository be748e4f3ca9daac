import { rm } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './browser.js';
import { launchChromium, openContext } from './chromium.js';
import { http } from './client.js';
import { dataDirectory } from './data-directory.js';
import { startGateway, type RunningGateway } from './gateway.js';
import { bearer, writeOperators, type OperatorName } from './operators.js';
import { writeRegistry } from './registry.js';

/** A phrase of its own for each operator of the stage. */
export const OWN_PASSWORD = 'una frase lunga e propria';

/** A gateway with operators and a browser to look at its console with. */
export interface ConsoleStage {
  readonly gateway: RunningGateway;
  readonly browser: Browser;
  /** A page of the console at which the operator is at work, in a context of its own. */
  open(operator: OperatorName, path?: string, options?: object): Promise<Page>;
  /** A page at which nobody is logged in. */
  openNobody(path: string, options?: object): Promise<Page>;
  stop(): Promise<void>;
}

type Systems = Parameters<typeof writeRegistry>[0];

export async function consoleStage(systems: Systems, env: Record<string, string> = {}): Promise<ConsoleStage> {
  const data = await dataDirectory();
  const directory = await writeRegistry(systems);
  await writeOperators(directory);
  const gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory, ...env });
  const browser = await launchChromium();
  const withAccount = new Map<OperatorName, Promise<void>>();
  const openNobody = async (path: string, options: object = {}) => {
    const page = await (await openContext(browser, { baseURL: gateway.url, ...options })).newPage();
    await page.goto(path);
    return page;
  };
  return {
    gateway,
    browser,
    openNobody,
    async open(operator, path = '/console/messages', options = {}) {
      if (!withAccount.has(operator)) withAccount.set(operator, giveAccount(gateway.url, operator));
      await withAccount.get(operator);
      const page = await openNobody(`/console/login?to=${encodeURIComponent(path.replace('/console', ''))}`, options);
      await logInAt(page, operator);
      return page;
    },
    async stop() {
      await browser.close();
      await gateway.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Fills in the form of the log-in page, and waits for what comes after it. */
export async function logInAt(page: Page, operator: string, password = OWN_PASSWORD): Promise<void> {
  await page.locator('input[name=operator]').fill(operator);
  await page.locator('input[name=password]').fill(password);
  await page.locator('main form button[type=submit]').click();
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
}

/** A first password, changed at once as its operator does. */
async function giveAccount(url: string, operator: OperatorName): Promise<void> {
  const path = `${url}/admin/operators/${operator}/account`;
  const answer = await http(path, { method: 'POST', headers: bearer('platform') });
  const { password } = answer.json<{ password: string }>();
  const browser = openBrowser(url);
  await browser.ask('/admin/session', { body: { operator, password } });
  const body = { password, newPassword: OWN_PASSWORD };
  const changed = await browser.ask('/admin/session/password', { method: 'PUT', body });
  if (changed.status !== 200) throw new Error(`no account for ${operator}: ${changed.text}`);
}
