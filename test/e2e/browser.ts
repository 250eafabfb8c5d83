import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import { programFor } from '../tools/requires.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium with a profile of its own, thrown away when it closes. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = programFor('chromium');
  if (executablePath === undefined) throw new Error('no Chromium on PATH');
  return chromium.launch({ executablePath, headless: true, args: flags });
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** Pages that axe looks at right now: it copies elements with their style attribute, which the policy of a page forbids and reports. */
const examined = new WeakSet<Page>();
const isOfAxe = (page: Page, text: string): boolean => examined.has(page) && text.startsWith('Applying inline style violates');

/** What axe finds wrong with the page as it is now, one line for each place; empty when nothing is. */
export async function axeViolations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the page's own content security policy stays as strict as it is.
  await page.evaluate(axeSource);
  examined.add(page);
  const found = (await page
    .evaluate('axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations)')
    .finally(() => examined.delete(page))) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
}

/** Fails when something was collected by `watchErrors`. */
export function failOn(errors: readonly string[]): void {
  if (errors.length > 0) throw new Error(`the browser reported:\n${errors.join('\n')}`);
}

/** Collects what must not happen on any page: errors of scripts, and everything the browser reports as an error (policy breaches too). */
export function watchErrors(page: Page, isExpected: (text: string) => boolean = () => false): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isOfAxe(page, message.text()) && !isExpected(message.text())) errors.push(message.text());
  });
  return errors;
}
