/** A browser that visits pages of a fake server, for the tests of the release and environment pages. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { axeViolations, failOn, launchBrowser, watchErrors } from '../e2e/browser.ts';
import type { Scenario } from './fake-scenarios.ts';
import { startFake, type Fake, type FakeOptions } from './fake.ts';

/** Where pictures of every page go; without it none are taken. */
const pictures = process.env['DASHBOARD_PICTURES'];

export const variants = (['light', 'dark'] as const).flatMap((theme) =>
  ([360, 1280, 1920] as const).map((width) => [theme, width] as const),
);

export interface Visit {
  readonly fake: Fake;
  readonly page: Page;
  /** What the browser has reported as an error. */
  readonly errors: string[];
}

interface VisitOptions extends FakeOptions {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
}

/** One browser for all tests of a file; everything that a test opens is closed after it. */
export function useVisits(): (path: string, scenario: Scenario, options?: VisitOptions) => Promise<Visit> {
  let browser: Browser;
  let open: (() => Promise<unknown>)[] = [];
  let visits: Visit[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') for (const visited of visits) process.stderr.write(`${await shown(visited)}\n`);
    for (const close of open.toReversed()) await close();
    open = [];
    visits = [];
  });
  afterAll(() => browser?.close());
  return async (path, scenario, { theme = 'light', width = 1280, ...options } = {}) => {
    const fake = await startFake(scenario, options);
    open.push(() => fake.close());
    const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
    open.push(() => context.close());
    const page = await context.newPage();
    const errors = watchErrors(page, (text) => /status of (404|409|400)|ERR_NETWORK_CHANGED/.test(text));
    const visited = { fake, page, errors };
    visits.push(visited);
    await page.goto(`${fake.url}${path}${new URL(fake.link()).hash}`);
    return visited;
  };
}

/** What a person would have seen when a test failed. */
async function shown({ page, errors }: Visit): Promise<string> {
  return [page.url(), ...errors, await page.locator('body').innerText()].join('\n');
}

export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true, caret: 'initial' });
}

/** Nothing that axe finds, nothing to scroll to at the side, no error in the console. */
export async function expectSound({ page, errors }: Visit): Promise<void> {
  expect(await axeViolations(page)).toEqual([]);
  await expectNarrow(page);
  failOn(errors);
}

export async function expectNarrow(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
}
