import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { eventually } from '../taskly/support/backend.ts';
import { PASSWORD, freshEmail } from '../taskly/support/client.ts';
import { launchBrowser } from './browser.ts';
import { startTaskly, type TasklyApp } from './taskly-app.ts';

export interface Stage {
  readonly app: TasklyApp;
  readonly browser: Browser;
}

/** Taskly and a browser for the tests of one suite. */
export function useStage(): Stage {
  const stage: { app?: TasklyApp; browser?: Browser } = {};
  beforeAll(async () => {
    [stage.app, stage.browser] = await Promise.all([startTaskly(), launchBrowser()]);
  });
  afterAll(async () => {
    await stage.browser?.close();
    await stage.app?.end();
  });
  return stage as Stage;
}

/** Somebody who uses Taskly in a browser of their own. */
export interface Visitor {
  email: string;
  context: BrowserContext;
  page: Page;
}

/** A new account, signed in, on the empty list. */
export async function newVisitor({ app, browser }: Stage): Promise<Visitor> {
  app.newAddress();
  const context = await browser.newContext({ baseURL: app.url, viewport: { width: 1000, height: 800 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const email = freshEmail();
  await signUp(page, email);
  return { email, context, page };
}

export async function signUp(page: Page, email: string): Promise<void> {
  await page.goto('/sign-up');
  await page.getByLabel('Name').fill('Ana');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: ', Ana' }).waitFor();
}

export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function add(page: Page, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    await page.getByRole('textbox', { name: 'New task' }).fill(title);
    await page.keyboard.press('Enter');
    await row(page, title).waitFor();
  }
}

export const row = (page: Page, title: string): Locator => page.locator('ul.list > li', { hasText: title });

/** The part of a row that shows the task and opens its editor. */
export const text = (page: Page, title: string): Locator => row(page, title).locator('[data-part=title]');

/** The due date of the open editor. */
export const dueField = (page: Page): Locator => page.getByRole('textbox', { name: 'Due', exact: true });

/** The titles on the screen, from top to bottom. */
export const titles = (page: Page): Promise<string[]> => page.locator('ul.list:not(.skeleton) .row-title').allInnerTexts();

export const status = (page: Page): Promise<string> => page.getByTestId('status').innerText();

/** Waits until the status line says so. */
export const statusIs = (page: Page, text: string | RegExp): Promise<void> =>
  page.getByTestId('status').filter({ hasText: text }).waitFor();

const nothingUnsent = "!Object.keys(localStorage).some((key) => key.startsWith('taskly.outbox.'))";

/** Waits until the outbox is empty and the page says so. */
export async function saved(page: Page): Promise<void> {
  await eventually('the outbox is empty', async () => (await page.evaluate(nothingUnsent)) === true);
  await statusIs(page, 'Everything is saved');
}

/** What was last read out to people who listen to the page. */
export const spoken = async (page: Page): Promise<string> => (await page.locator('output[aria-live=polite]').innerText()).trim();
