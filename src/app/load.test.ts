import { expect, it } from 'vitest';
import { formatIssues } from './issue.ts';
import { loadApp } from './load.ts';

const taskly = `gantry: 1
app: taskly
services:
  frontend:
    build: ./frontend
    prepare: [npm ci, npm run build]
    run: node dist/server.js
    port: 8080
    route: /
    health: /healthz
    limits: { cpu: 0.25, memory: 128Mi }
    scale: { min: 2, max: 6, cpu: 70 }
  backend:
    build: ./backend
    prepare: [npm ci, npm run build]
    run: node dist/main.js
    port: 3030
    route: /api
    health: { path: /api/health/ready, live: /api/health/live }
    scale: { min: 2, max: 10, cpu: 70 }
    variables: { DATABASE_URL: "\${db.url}", LOG_LEVEL: info }
    secrets: [SESSION_KEY]
    migrate: node dist/migrate.js
resources:
  db: { type: postgres, version: 17, storage: 10Gi }
smoke:
  - { get: /, expect: { status: 200 } }
  - { get: /api/health, expect: { status: 200, json: { status: healthy } } }
`;

it('reads the app of the README', async () => {
  const loaded = await loadApp({ path: 'gantry.yaml', text: taskly });
  if ('issues' in loaded) throw new Error(formatIssues(loaded.issues));
  expect(loaded.app).toMatchSnapshot();
});

it('says everything that is wrong at once', async () => {
  const text = taskly
    .replace('health: /healthz', 'helth: /healthz')
    .replace('min: 2, max: 10', 'min: 5, max: 2')
    .replace('get: /,', 'get: heath,')
    .replace('${db.url}', '${bd.url}');
  const loaded = await loadApp({ path: 'gantry.yaml', text });
  expect('issues' in loaded && formatIssues(loaded.issues)).toMatchInlineSnapshot(`
    "gantry.yaml:10:5   services.frontend.helth                  unknown key; did you mean "health"?   GA1003
      fix: write "health" instead of "helth"
    gantry.yaml:20:12  services.backend.scale                   min 5 is greater than max 2   GA1017
      fix: write max: 5, or a smaller min
    gantry.yaml:21:32  services.backend.variables.DATABASE_URL  \${bd.url}: there is no resource or service "bd"; did you mean "db"?   GA2001
      fix: write \${db.url}, or declare "bd" under \`resources\`
    gantry.yaml:27:12  smoke[0].get                             expected a path that begins with / and has no spaces, found the text "heath"   GA1006
      fix: write /heath
    4 problems in 1 file. \`gantry explain GA1003\` says more."
  `);
});

it('reads anchors and merges, and shows what is wrong where it is written', async () => {
  const text = `x-service: &service
  port: 80
  rnu: node a.js
gantry: 1
app: shop
services:
  web:
    <<: *service
    route: /
    port: 8080
`;
  const bad = await loadApp({ path: 'gantry.yaml', text });
  expect('issues' in bad && bad.issues.map(({ line, column, path }) => [line, column, path])).toEqual([[3, 3, 'services.web.rnu']]);
  const good = await loadApp({ path: 'gantry.yaml', text: text.replace('rnu', 'run') });
  expect('app' in good && good.app.services['web']).toMatchObject({ port: { number: 8080 }, run: ['node', 'a.js'] });
});

it('reads a file from Windows: byte order mark and carriage returns', async () => {
  const windows = new TextEncoder().encode(`\uFEFF${taskly.replaceAll('\n', '\r\n')}`);
  const unix = await loadApp({ path: 'gantry.yaml', text: taskly });
  expect(await loadApp({ path: 'gantry.yaml', text: windows })).toEqual(unix);
  expect(unix).toHaveProperty('app');
});

it('cuts what it quotes, and lets nothing of it steer a terminal', async () => {
  const loaded = await loadApp({
    path: 'gantry.yaml',
    text: taskly.replace('app: taskly', `app: "${'x'.repeat(5000)}"`).replace('LOG_LEVEL: info', 'LOG_LEVEL: "${\\e[31m}"'),
  });
  const text = 'issues' in loaded ? formatIssues(loaded.issues) : '';
  expect(text.length).toBeLessThan(1500);
  expect(text).toContain('\\u001b[31m');
  expect(text).not.toContain('\u001B');
});
