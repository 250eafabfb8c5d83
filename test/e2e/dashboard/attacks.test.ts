/** What pages of others can do in the browser of a person who is signed in to the dashboard: the app on the next port, and a name that leads here. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startFake, type Fake } from '../../dashboard/fake.ts';
import { hostile } from '../../dashboard/fake-scenarios.ts';
import { requires } from '../../tools/requires.ts';
import { launchBrowser } from '../browser.ts';

interface Heard {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Runs a function, written as JavaScript, in a page. */
function run(page: Page | Frame, script: string, ...args: readonly unknown[]): Promise<string> {
  return page.evaluate(`(${script})(...${JSON.stringify(args)})`);
}

requires('chromium')('pages of others in the same browser', () => {
  const heard: Heard[] = [];
  let browser: Browser;
  let app: Server;
  let appUrl: string;
  let fake: Fake;
  let context: BrowserContext;
  let dashboard: Page;
  let other: Page;
  let token: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    app = createServer((request, response) => {
      heard.push({ url: request.url ?? '', headers: request.headers });
      response.setHeader('content-type', 'text/html').end('<title>the app</title><body>');
    });
    await new Promise<void>((resolve) => void app.listen(0, '127.0.0.1', resolve));
    appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await browser?.close();
    app.close();
  });

  beforeEach(async () => {
    heard.length = 0;
    fake = await startFake(hostile());
    context = await browser.newContext();
    dashboard = await context.newPage();
    await dashboard.goto(fake.link());
    // Asked by the debugger: the page's own policy lets no text be run as a script.
    await expect.poll(async () => (token = await run(dashboard, `() => localStorage.getItem('gantry.token')`))).toEqual(expect.any(String));
    other = await context.newPage();
    await other.goto(appUrl);
  });

  afterEach(async () => {
    await context?.close();
    await fake?.close();
  });

  /** What a request from the other page came to: its status and text, or why there is none. */
  function reach(url: string, init: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return run(
      other,
      `(url, init) => fetch(url, init).then(
        async (response) => response.type + ' ' + response.status + ' ' + await response.text(),
        () => 'refused by the browser')`,
      url,
      init,
    );
  }

  const deploy = JSON.stringify({ operation: 'deploy' });
  const operations = (): string => `${fake.url}/api/environments/local/operations`;

  it('cannot read data, with or without a token of its own making', async () => {
    expect(await reach(`${fake.url}/api/overview`)).toBe('refused by the browser');
    expect(await reach(`${fake.url}/api/overview`, { credentials: 'include' })).toBe('refused by the browser');
    expect(await reach(`${fake.url}/api/overview`, { headers: { 'x-gantry-token': 'x' } })).toBe('refused by the browser');
    expect(await reach(`${fake.url}/api/events`)).toBe('refused by the browser');
    expect(await reach(`${fake.url}/api/openapi.json`, { mode: 'no-cors' })).toBe('refused by the browser');
  });

  it('cannot change anything by a request', async () => {
    const body = { method: 'POST', body: deploy };
    expect(await reach(operations(), { ...body, headers: { 'content-type': 'application/json' } })).toBe('refused by the browser');
    const plain = { ...body, mode: 'no-cors', headers: { 'content-type': 'text/plain' } };
    expect(await reach(operations(), plain)).toBe('refused by the browser');
    expect(await reach(operations(), { ...plain, keepalive: true, credentials: 'include' })).toBe('refused by the browser');
    expect(fake.asked).toEqual([]);
  });

  it('cannot change anything by a form', async () => {
    const answered = other.waitForResponse(operations());
    await run(
      other,
      `(url) => {
        const form = Object.assign(document.createElement('form'), { action: url, method: 'post', enctype: 'text/plain' });
        form.append(Object.assign(document.createElement('input'), { name: '{"operation":"deploy","x":"', value: '"}' }));
        document.body.append(form);
        form.submit();
      }`,
      operations(),
    );
    expect((await answered).status()).toBe(403);
    expect(fake.asked).toEqual([]);
  });

  it('cannot put the dashboard into a frame', async () => {
    await run(
      other,
      `(url) => {
        const frame = Object.assign(document.createElement('iframe'), { src: url });
        document.body.append(frame);
        return new Promise((resolve) => frame.addEventListener('load', () => resolve()));
      }`,
      fake.url,
    );
    const inner = other.frames().find((frame) => frame !== other.mainFrame());
    expect(await inner?.title()).not.toContain('Gantry');
    expect(inner?.url()).toContain('chrome-error://');
  });

  it('cannot load its scripts, pictures or data as parts of a page', async () => {
    const script = await run(dashboard, `() => document.querySelector('script[type=module]').src`);
    const load = (tag: string, src: string): Promise<string> =>
      run(
        other,
        `(name, src) => new Promise((resolve) => {
          const element = Object.assign(document.createElement(name), { src });
          element.addEventListener('load', () => resolve('loaded'));
          element.addEventListener('error', () => resolve('refused'));
          document.body.append(element);
        })`,
        tag,
        src,
      );
    expect(script).toContain('/assets/');
    expect(await load('script', script)).toBe('refused');
    expect(await load('script', `${fake.url}/api/openapi.json`)).toBe('refused');
    expect(await load('img', `${fake.url}/icon.svg`)).toBe('refused');
  });

  it('cannot reach into a window that it opened', async () => {
    const [opened, seen] = await Promise.all([
      context.waitForEvent('page'),
      run(
        other,
        `(url) => new Promise((resolve) => {
          const opened = window.open(url);
          const look = () => (opened.closed ? resolve('cut off') : setTimeout(look, 10));
          setTimeout(() => resolve('in hand'), 5000);
          look();
        })`,
        fake.url,
      ),
    ]);
    expect(seen).toBe('cut off');
    expect(await opened.evaluate('window.opener')).toBeNull();
  });

  it('cannot open a socket, a stream or a worker', async () => {
    const outcome = (make: string): Promise<string> =>
      run(
        other,
        `(url) => new Promise((resolve) => {
          try {
            const target = ${make};
            target.addEventListener('error', () => resolve('refused'));
            target.addEventListener('open', () => resolve('open'));
          } catch (error) {
            resolve(error.name);
          }
        })`,
        fake.url,
      );
    const outcomes = [
      await outcome(`new WebSocket(url.replace('http', 'ws') + '/api/events')`),
      await outcome(`new EventSource(url + '/api/events', { withCredentials: true })`),
      await outcome(`new SharedWorker(url + '/theme.js')`),
    ];
    expect(outcomes).toEqual(['refused', 'refused', 'SecurityError']);
  });

  it('never receive the token', async () => {
    const asked = run(dashboard, `(url) => fetch(url, { mode: 'no-cors' }).then(() => 'sent', () => 'refused')`, `${appUrl}/asked`);
    // Its own policy lets the dashboard ask nobody but itself.
    expect(await asked).toBe('refused');
    await Promise.all([context.waitForEvent('page'), run(dashboard, '(url) => void window.open(url)', `${appUrl}/opened`)]);
    await dashboard.goto(`${appUrl}/followed`);
    await expect.poll(() => heard.map(({ url }) => url)).toEqual(expect.arrayContaining(['/opened', '/followed']));
    expect(heard.map(({ url }) => url)).not.toContain('/asked');
    expect(token).toMatch(/^[\w-]{43}$/);
    for (const { url, headers } of heard) {
      expect(JSON.stringify([url, headers])).not.toContain(token);
      expect(headers.cookie).toBeUndefined();
      expect(headers.referer ?? '').not.toContain(fake.url);
    }
    expect(await dashboard.evaluate('localStorage.length')).toBe(0);
  });

  it('cannot come here by a name of their own', async () => {
    const { port } = new URL(fake.url);
    const answer = await other.goto(`http://evil.localhost:${port}/`);
    expect([answer?.status(), await answer?.text()]).toEqual([421, expect.stringContaining('GC2003')]);
    expect(await other.evaluate(`fetch('/api/overview').then((response) => response.status)`)).toBe(421);
  });
});
