/**
 * Apps that were not written for Gantry: unpacked, `gantry init`, at most five edited lines, `gantry up`, used, edited, `gantry up` again
 * under load with no failed request, `down`, `up`, and the data is still there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { emptyFolder, isBuilt, type AppFolder } from '../rig/gantry.ts';
import { send, startLoad, type Answer, type Call, type Client, type Load, type LoadReport } from '../rig/load.ts';
import { django, edit, missingRegistry, packageEnv, tool, verdaccio, viteAndExpress } from './foreign-apps.ts';
import { signInToAdmin } from './django-admin.ts';

const reason = isBuilt() ? await missingRegistry() : 'gantry is not built';
const mostEdits = 5;
const clients = 40;
const requestsPerSecond = 200;
const requestsAround = 600;
/** Where a company's own certificate authority signs what comes from outside, verdaccio must know it, as it asks the public registry. */
const authorities = process.env['NODE_EXTRA_CA_CERTS'];

interface Up {
  readonly url: string;
  readonly release: string;
  readonly changed: boolean;
}

let app: AppFolder | undefined;

afterEach(async () => {
  await app?.remove();
  app = undefined;
});

class Journey {
  readonly app: AppFolder;
  readonly #told: string[] = [];
  #started = performance.now();

  constructor(folder: AppFolder) {
    this.app = folder;
  }

  file(path: string): string {
    return join(this.app.folder, path);
  }

  /** Writes gantry.yaml; the edits are pairs of text, and as many as a person is asked to make at the most. */
  async init(edits: readonly (readonly [from: string | RegExp, to: string])[] = []): Promise<void> {
    this.#started = performance.now();
    const result = await this.app.run(['init'], { env: packageEnv });
    expect(result.code, result.stderr).toBe(0);
    const before = this.#lines();
    for (const [from, to] of edits) edit(this.file('gantry.yaml'), from, to);
    const edited = this.#lines().filter((line) => !before.includes(line));
    expect(edited.length).toBeLessThanOrEqual(mostEdits);
    this.#told.push(
      'init wrote:',
      ...before.map((line) => `  ${line}`),
      `edited lines: ${edited.length}`,
      ...edited.map((line) => `  ${line}`),
    );
  }

  async up(): Promise<Up> {
    const started = performance.now();
    const result = await this.app.json<Up>(['up', '--detach'], { env: packageEnv, timeoutMs: 600_000 });
    this.#told.push(`up: ${result.url} release ${result.release} in ${seconds(started)} s (${seconds(this.#started)} s since init)`);
    return result;
  }

  /** Releases an edit while the load runs before, during and after it. */
  async upUnderLoad(url: string, calls: readonly Call[]): Promise<LoadReport> {
    const load = startLoad(url, loadClients(calls));
    const started = performance.now();
    await load.reached(requestsAround);
    const { changed } = await this.up();
    expect(changed).toBe(true);
    const report = await afterwards(load);
    this.#told.push(`under ${Math.round((1000 * report.requests) / (performance.now() - started))} requests/s: ${JSON.stringify(report)}`);
    return report;
  }

  async down(): Promise<void> {
    const result = await this.app.run(['down']);
    expect(result.code, result.stderr).toBe(0);
  }

  tell(name: string): void {
    process.stdout.write(`\n== ${name}\n${this.#told.join('\n')}\n`);
  }

  #lines(): readonly string[] {
    return readFileSync(this.file('gantry.yaml'), 'utf8').trimEnd().split('\n');
  }
}

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

/** Each client has its turns at fixed times; one that is late goes on at once. */
function loadClients(calls: readonly Call[]): readonly Client[] {
  const turnMs = (1000 * clients) / requestsPerSecond;
  const started = performance.now();
  return Array.from({ length: clients }, (_, index) => {
    let turn = 0;
    return {
      next: () => calls[(index + turn++) % calls.length] as Call,
      keepAlive: index % 2 === 0,
      get pauseMs() {
        return Math.max(0, started + (turn + index / clients) * turnMs - performance.now());
      },
    };
  });
}

async function afterwards(load: Load): Promise<LoadReport> {
  await load.reached(load.count() + requestsAround);
  return load.stop();
}

const ask = async (url: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  send(url, { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

describe.skipIf(reason !== undefined)(`apps from elsewhere${reason === undefined ? '' : ` (${reason})`}`, () => {
  test('verdaccio, a published npm server that ignores PORT and keeps files', async () => {
    app = emptyFolder('registry');
    const journey = new Journey(app);
    await verdaccio(app.folder);
    await journey.init(
      authorities === undefined ? [] : [['    variables:\n', `    variables:\n      NODE_EXTRA_CA_CERTS: ${authorities}\n`]],
    );
    const { url } = await journey.up();

    const account = await ask(url, 'PUT', '/-/user/org.couchdb.user:ana', { name: 'ana', password: 'a good password' });
    const { token } = JSON.parse(account.body) as { token: string };
    await publish(url, token, app);
    expect((await ask(url, 'GET', '/hello-from-ana')).body).toContain('1.0.0');

    edit(journey.file('gantry.yaml'), '    variables:\n', "    variables:\n      VERDACCIO_HANDLE_KILL_SIGNALS: 'true'\n");
    const report = await journey.upUnderLoad(url, [
      { method: 'GET', path: '/-/ping' },
      { method: 'GET', path: '/hello-from-ana/-/hello-from-ana-1.0.0.tgz' },
      { method: 'GET', path: '/' },
    ]);
    expect(report.failures).toEqual({});

    await journey.down();
    const again = await journey.up();
    expect((await ask(again.url, 'GET', '/hello-from-ana')).body).toContain('1.0.0');
    expect((await ask(again.url, 'GET', '/-/whoami', undefined, { authorization: `Bearer ${token}` })).body).toContain('ana');
    journey.tell('verdaccio');
  });

  test('Django from startproject, under gunicorn, with PostgreSQL and its migrations', async () => {
    app = emptyFolder('mysite');
    const journey = new Journey(app);
    await django(app.folder);
    await journey.init();
    const { url } = await journey.up();

    const code = "from django.contrib.auth.models import User; User.objects.create_superuser('ana', password='a good password')";
    const made = await app.run(['run', 'local', 'web', '--', '.venv/bin/python', 'manage.py', 'shell', '-c', code]);
    expect(made.code, made.stderr).toBe(0);
    const admin = await signInToAdmin(url, 'ana', 'a good password');
    await admin.addGroup('gardeners');
    expect(await admin.groups()).toContain('gardeners');

    const urls = journey.file('mysite/urls.py');
    edit(urls, 'urlpatterns = [', "def hello(request):\n    return HttpResponse('hello')\n\n\nurlpatterns = [\n    path('hello/', hello),");
    edit(urls, 'from django.urls import path', 'from django.http import HttpResponse\nfrom django.urls import path');
    const report = await journey.upUnderLoad(url, [{ method: 'GET', path: '/admin/login/' }]);
    expect(report.failures).toEqual({});
    expect((await ask(url, 'GET', '/hello/')).body).toBe('hello');

    await journey.down();
    const again = await journey.up();
    expect(await admin.at(again.url).groups()).toContain('gardeners');
    journey.tell('django');
  });

  test('a scaffolded Vite React frontend with an Express API and PostgreSQL', async () => {
    app = emptyFolder('notes');
    const journey = new Journey(app);
    await viteAndExpress(app.folder);
    await journey.init([[/# health: \/health .*/, 'health: /api/notes']]);
    const { url } = await journey.up();
    expect((await ask(url, 'GET', '/')).body).toContain('<div id="root">');
    expect((await ask(url, 'GET', '/some/page')).body).toContain('<div id="root">');

    edit(journey.file('api/routes/notes.js'), 'res.json(rows[0]);', "res.json({ ...rows[0], owner: 'ana' });");
    edit(journey.file('frontend/src/App.jsx'), 'Get started', 'Notes of Ana');
    const report = await journey.upUnderLoad(url, [
      { method: 'GET', path: '/' },
      { method: 'GET', path: '/api/notes' },
      { method: 'POST', path: '/api/notes', body: JSON.stringify({ text: 'water the plants' }) },
    ]);
    expect(report.failures).toEqual({});
    const stored = JSON.parse((await ask(url, 'GET', '/api/notes')).body) as { count: number; owner: string };
    expect(stored.owner).toBe('ana');
    expect(stored.count).toBeGreaterThan(requestsAround / 3);

    await journey.down();
    const again = await journey.up();
    expect(JSON.parse((await ask(again.url, 'GET', '/api/notes')).body)).toEqual(stored);
    journey.tell('vite and express');
  });
});

async function publish(url: string, token: string, { folder }: AppFolder): Promise<void> {
  const own = join(folder, '../hello');
  await tool(own, ['npm', 'init', '--yes', '--init-version=1.0.0']);
  await tool(own, ['npm', 'pkg', 'set', 'name=hello-from-ana']);
  await tool(own, ['npm', 'publish', `--registry=${url}`, `--//${new URL(url).host}/:_authToken=${token}`]);
}
