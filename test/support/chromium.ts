import { mkdir } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** Debian's; it looks for nothing outside. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  });

const FIRST_VISIT = { locale: 'it-IT', viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' } as const;

/** Italian, as a first visit is, and without motion: a colour that is half way has no contrast to be looked at. */
export async function openContext(browser: Browser, options: object = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ ...FIRST_VISIT, ...options });
  context.setDefaultTimeout(15_000);
  return context;
}

/** Errors of scripts and refusals of the content policy on a page, as they come. */
export function watchProblems(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Warning:/.test(message.text()))
      problems.push(message.text());
  });
  return problems;
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * What axe-core finds against WCAG 2.1 and 2.2 AA on the page as it stands: a line each, with the place. Our pages have no frames:
 * legacy mode looks at the page itself, and opens no second one for each look.
 */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  const axe = new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .withTags(RULES);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html}`));
}

/** Kept outside git, to be looked at: .cache/screenshots/NAME.png. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await mkdir('.cache/screenshots', { recursive: true });
  await page.screenshot({ path: `.cache/screenshots/${name}.png`, fullPage: true });
}
