/** G07, G08, G11, G12, G13, G14. */
import { describe, expect, it } from 'vitest';
import type { Experience } from './guard.ts';
import { elsewhere, findings, found, plain, webApp } from './testing/app-folder.ts';

const app = webApp(...plain);
const shown = (services: Experience['services']): { experience: Experience } => ({ experience: { kept: 1, serves: true, services } });

describe('G07: no health check', () => {
  const mute = { 'gantry.yaml': webApp('run: node server.js', 'port: 3000', 'route: /api') };

  it('blocks, and says what to add', async () => {
    expect(await findings('G07', { files: mute })).toEqual([
      {
        id: 'G07',
        severity: 'block',
        message: 'nothing tells Gantry when web works',
        where: 'gantry.yaml:4:3',
        why: 'A program that listens but fails every request would count as ready and get the users.',
        fix: 'Add a path that answers 200 when it works, for example health: /api/health',
      },
    ]);
  });

  it('asks what runs for a path that answers 200', async () => {
    const ask = async (path: string): Promise<{ status: number; ms: number }> => ({ status: path === '/api/healthz' ? 200 : 404, ms: 12 });
    const [finding] = await findings('G07', { files: mute, more: { ask } });
    expect(finding).toMatchObject({
      message: 'nothing tells Gantry when web works (tried GET /api/health: 404, GET /api/healthz: 200 in 12 ms)',
      fix: 'Add health: /api/healthz',
    });
  });

  it('accepts a health check, workers and sites', async () => {
    const others = 'gantry: 1\napp: shop\nservices:\n  site: { static: ./site }\n  worker: { run: node worker.js }\n';
    expect(await found('G07', { files: { 'gantry.yaml': app } })).toEqual([]);
    expect(await found('G07', { files: { 'gantry.yaml': others } })).toEqual([]);
  });
});

describe('G08: a start that takes longer than allowed', () => {
  const files = { 'gantry.yaml': webApp(...plain.slice(0, 3), 'health: { path: /health, startup: 30s }') };

  it('warns with twice the time that was measured', async () => {
    const [finding] = await findings('G08', { files, more: shown({ web: { startMs: 41_230 } }) });
    expect(finding).toMatchObject({
      severity: 'warn',
      message: 'web took 41.2 s to start last time; its health check gives up after 30 s',
      where: 'gantry.yaml:9:5',
      fix: 'Set health.startup: 85s',
    });
  });

  it('is quiet about a start with time to spare, and without a measurement', async () => {
    expect(await found('G08', { files, more: shown({ web: { startMs: 20_000 } }) })).toEqual([]);
    expect(await found('G08', { files })).toEqual([]);
  });
});

describe('G11: smoke checks', () => {
  const two = (smoke: string): string =>
    `gantry: 1\napp: shop\nservices:\n  web: { build: ./web, run: node s.js, port: 1, route: /, health: / }\n  api: { build: ./api, run: node s.js, port: 2, route: /api, health: /api/up }\n${smoke}`;

  it('misses all of them: a warning, and a block in production', async () => {
    const files = { 'gantry.yaml': two('') };
    const [finding] = await findings('G11', { files });
    expect(finding).toMatchObject({
      severity: 'warn',
      message: 'nothing asks a new release anything before users do: there is no smoke check',
      where: 'gantry.yaml',
      fix: 'Add smoke: [{ get: / }, { get: /api/up }]',
    });
    expect(await found('G11', { files, environment: 'production' })).toEqual([expect.stringContaining('block: nothing asks')]);
  });

  it('misses one for a service that none of them reaches', async () => {
    const files = { 'gantry.yaml': two('smoke:\n  - { get: /apix }\n') };
    expect(await found('G11', { files, environment: 'production' })).toEqual(['warn: no smoke check asks api (/api)  gantry.yaml:6:1']);
  });

  it('misses one that goes through signing in, where the source has a route for it', async () => {
    const source = "// app.post('/register')\napp.post('/api/login', signIn);\n";
    const smoke = 'smoke:\n  - { get: / }\n  - { get: /api/up }\n';
    expect(await found('G11', { files: { 'gantry.yaml': two(smoke), 'api/s.js': source } })).toEqual([
      'warn: no smoke check goes through signing in (/api/login in api/s.js:2)  gantry.yaml:6:1',
    ]);
    const asked = `${smoke}  - { get: /api/me, expect: { status: 401 } }\n`;
    expect(await found('G11', { files: { 'gantry.yaml': two(asked), 'api/s.js': source } })).toEqual([]);
    expect(await found('G11', { files: { 'gantry.yaml': two(smoke), 'api/s.js': "app.post('/api/logins', f);\n" } })).toEqual([]);
  });

  it('needs none where nothing has a route', async () => {
    expect(await found('G11', { files: { 'gantry.yaml': 'gantry: 1\napp: shop\nservices:\n  worker: { run: node w.js }\n' } })).toEqual([]);
  });
});

describe('G12: the way back', () => {
  it('is short with one kept release, and cut by recreating a single replica', async () => {
    const files = { 'gantry.yaml': `${app}release:\n  keep: 1\n  strategy: recreate\n` };
    expect(await found('G12', { files })).toEqual([
      'warn: only one release is kept, so a second mistake in a row has no way back  gantry.yaml:11:3',
      'warn: web has one replica and the strategy recreate: the old one has ended before the new one is tried  gantry.yaml:12:3',
    ]);
  });

  it('does not exist for the first release of production', async () => {
    const files = { 'gantry.yaml': app };
    expect(await found('G12', { files, environment: 'production' })).toEqual([
      'warn: this is the first release of production: there is nothing to go back to',
    ]);
    expect(await found('G12', { files, environment: 'production', more: shown({}) })).toEqual([]);
    expect(await found('G12', { files, environment: 'production', more: { purpose: 'check' } })).toEqual([]);
    expect(await found('G12', { files })).toEqual([]);
  });
});

describe('G13: who closes idle connections first', () => {
  const node = (source: string): Record<string, string> => ({ 'gantry.yaml': app, 'web/server.js': source });
  const more = { target: elsewhere() };

  it("must be the entry: Node's own 5 s, and what the source says instead", async () => {
    const [finding] = await findings('G13', { files: node('createServer();'), more });
    expect(finding).toEqual({
      id: 'G13',
      severity: 'block',
      message: 'web closes idle connections after 5 s, the entry after 60 s',
      where: 'gantry.yaml:6:5',
      why: 'A request that is sent while the program closes the connection fails: about 1 of 100,000.',
      fix: 'Set server.keepAliveTimeout = 65000.',
    });
    expect(await found('G13', { files: node('\nserver.keepAliveTimeout = 30_000;\n'), more })).toEqual([
      'block: web closes idle connections after 30 s, the entry after 60 s  web/server.js:2',
    ]);
  });

  it('is fine with a longer time, none, one that cannot be read, and an entry that closes first', async () => {
    for (const source of [
      'server.keepAliveTimeout = 65_000;',
      'const keep = 61_000;\nfastify({ keepAliveTimeout: keep });',
      'server.keepAliveTimeout = 0;',
      'server.keepAliveTimeout = config.keep;',
    ])
      expect(await found('G13', { files: node(source), more })).toEqual([]);
    expect(await found('G13', { files: node('createServer();') })).toEqual([]);
  });

  it('warns for gunicorn when its command says a shorter time', async () => {
    const files = { 'gantry.yaml': webApp('run: gunicorn --threads 4 --keep-alive 5 shop', ...plain.slice(1)) };
    expect(await found('G13', { files, more })).toEqual([
      'warn: web closes idle connections after 5 s, the entry after 60 s  gantry.yaml:6:5',
    ]);
    expect(await found('G13', { files: { 'gantry.yaml': webApp('run: gunicorn shop', ...plain.slice(1)) }, more })).toEqual([]);
  });
});

describe('G14: programs that do not end', () => {
  it('were killed last time', async () => {
    expect(await found('G14', { files: { 'gantry.yaml': app }, more: shown({ web: { ignoredStop: true } }) })).toEqual([
      'warn: web did not stop within 10 s of SIGTERM last time and was killed  gantry.yaml:4:3',
    ]);
    expect(await found('G14', { files: { 'gantry.yaml': app }, more: shown({ web: { ignoredStop: false } }) })).toEqual([]);
  });

  it('take the signal and do nothing', async () => {
    const source = (handler: string): Record<string, string> => ({
      'gantry.yaml': app,
      'web/server.js': `listen();\nprocess.on('SIGTERM', ${handler});\n`,
    });
    expect(await found('G14', { files: source('() => {}') })).toEqual(['warn: web takes SIGTERM and does nothing  web/server.js:2']);
    expect(await found('G14', { files: source('() => server.close()') })).toEqual([]);
  });

  it('have a shell or npm in front of them, which matters where only the first process is told', async () => {
    const files = (line: string): Record<string, string> => ({
      'gantry.yaml': app,
      'web/package.json': JSON.stringify({ scripts: { start: 'node dist/main.js' } }),
      'web/Dockerfile': `FROM node:24\n${line}\n`,
    });
    const [finding] = await findings('G14', { files: files('CMD ["npm", "start"]'), more: { target: elsewhere() } });
    expect(finding).toMatchObject({
      message: 'npm stands in front of web and does not pass SIGTERM on',
      where: 'web/Dockerfile:2',
      fix: 'Use CMD ["node","dist/main.js"].',
    });
    expect(await found('G14', { files: files('CMD npm start'), more: { target: elsewhere() } })).toEqual([
      'warn: a shell stands in front of web and does not pass SIGTERM on  web/Dockerfile:2',
    ]);
    expect(await found('G14', { files: files('CMD exec node dist/main.js'), more: { target: elsewhere() } })).toEqual([]);
    expect(await found('G14', { files: files('CMD ["npm", "start"]') })).toEqual([]);
  });
});
