/** Pages of the dashboard in a browser, signed in, watched for errors and for things that move. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { watchErrors } from '../e2e/browser.ts';
import type { Fake } from './fake.ts';

export const themes = ['light', 'dark'] as const;
export const widths = [360, 1280, 1920] as const;

export interface VisitOptions {
  readonly theme?: (typeof themes)[number];
  readonly width?: number;
  /** `/e/local`; the first environment's overview without it. */
  readonly path?: string;
  readonly isExpected?: (text: string) => boolean;
  readonly reducedMotion?: boolean;
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser reported as an error. */
  readonly errors: readonly string[];
  /** Sum of what moved without anybody's doing (Cumulative Layout Shift without its windows). */
  shift(): Promise<number>;
}

/** Said of every request under way when an interface of the machine comes or goes: containers that start, for example. */
const networkChanged = 'net::ERR_NETWORK_CHANGED';

const measureShift = `
  globalThis.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { if (!entry.hadRecentInput) shift += entry.value; }))
    .observe({ type: 'layout-shift', buffered: true });
`;

/** A browser of its own, signed in by a link of its own. */
export async function visit(browser: Browser, fake: Fake, options: VisitOptions = {}): Promise<Visit> {
  const { theme = 'light', width = 1280, path = '/', isExpected, reducedMotion = false } = options;
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height: width < 500 ? 780 : 900 },
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  const errors = watchErrors(page, (text) => text.includes(networkChanged) || isExpected?.(text) === true);
  await page.addInitScript(measureShift);
  await page.goto(fake.url + path + new URL(fake.link()).hash);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { context, page, errors, shift: () => page.evaluate('shift') };
}
