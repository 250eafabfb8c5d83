/** G09, G10, G15, G16, G22 to G26, G34 to G36. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { local } from '../targets/local/target.ts';
import type { Experience, GuardContext, PlannedChange, SourceState } from './guard.ts';
import { contextOf, findings, found, plain, webApp, type Setting } from './testing/app-folder.ts';
import { rules } from './index.ts';
import { parseStatus, sourceState } from './look/git.ts';
import { satisfies } from './look/versions.ts';

const app = webApp(...plain);
const files = { 'gantry.yaml': app };
const experience: Experience = { kept: 1, serves: true, services: {} };

/** What a rule finds in content that was built. */
async function inBuilt(id: string, content: Readonly<Record<string, string>>, setting: Setting = { files }): Promise<string[]> {
  const context = await contextOf(setting);
  const built = join(context.folder, 'built');
  for (const [path, text] of Object.entries(content)) {
    mkdirSync(dirname(join(built, path)), { recursive: true });
    writeFileSync(join(built, path), text);
  }
  const all = (await rules.find(({ text }) => text.id === id)?.find({ ...context, built: { web: built } })) ?? [];
  return all.map(({ severity, message, where }) => `${severity}: ${message}  ${where}`);
}

describe('G09: addresses in the bundle', () => {
  const page = { 'dist/index.html': '<script src="/assets/index.js"></script>' };

  it('blocks one of the machine that built it, or of another environment', async () => {
    expect(await inBuilt('G09', { ...page, 'dist/assets/index.js': 'x;\nfetch("http://localhost:5000/api")' })).toEqual([
      'block: the built web calls http://localhost:5000  web: dist/assets/index.js:2',
    ]);
    expect(await inBuilt('G09', { ...page, 'dist/assets/index.js': 'new WebSocket("ws://192.168.1.20:8080")' })).toEqual([
      'block: the built web calls ws://192.168.1.20:8080  web: dist/assets/index.js:1',
    ]);
    const places = {
      files: {
        ...files,
        'environments/staging.yaml': 'target: local\ndomain: staging.example.com\n',
        'environments/production.yaml': 'target: local\ndomain: example.com\n',
      },
      environment: 'production',
    };
    expect(await inBuilt('G09', { ...page, 'dist/app.js': 'const api="https://staging.example.com/api"' }, places)).toEqual([
      'block: the built web calls https://staging.example.com  web: dist/app.js:1',
    ]);
    expect(await inBuilt('G09', { ...page, 'dist/app.js': 'const own="https://example.com/"' }, places)).toEqual([]);
  });

  it("accepts paths, other people's APIs, a base without a port, and what no browser gets", async () => {
    expect(
      await inBuilt('G09', { ...page, 'dist/app.js': 'fetch("/api");new URL(p,"http://localhost");fetch("https://api.example.org/v1")' }),
    ).toEqual([]);
    expect(await inBuilt('G09', { 'dist/main.js': 'listen("http://localhost:3000")', 'node_modules/a/index.html': '' })).toEqual([]);
  });
});

describe('G10: environments that need different builds', () => {
  it('warns about a variable of the build that differs', async () => {
    const differing = {
      'gantry.yaml': webApp(...plain, 'variables: { VITE_API_URL: https://a.example.com, LOG_LEVEL: info }'),
      'environments/staging.yaml':
        'target: local\nservices:\n  web:\n    variables: { VITE_API_URL: https://b.example.com, LOG_LEVEL: debug }\n',
    };
    expect(await found('G10', { files: differing })).toEqual([
      'warn: staging and local would need different builds of web: VITE_API_URL differs  gantry.yaml:10:18',
    ]);
    const same = { ...differing, 'environments/staging.yaml': 'target: local\n' };
    expect(await found('G10', { files: same })).toEqual([]);
  });

  it('warns about an address as a build argument that several environments share', async () => {
    const text = app.replace('build: ./web', 'build: { context: ./web, args: { REACT_APP_API: https://a.example.com } }');
    const shared = {
      'gantry.yaml': text,
      'environments/staging.yaml': 'target: local\n',
      'environments/production.yaml': 'target: local\n',
    };
    expect(await found('G10', { files: shared, environment: 'staging' })).toEqual([
      'warn: the build argument REACT_APP_API of web is an address, and 2 environments share the build  gantry.yaml:5:38',
    ]);
    expect(await found('G10', { files: { 'gantry.yaml': text } })).toEqual([]);
  });
});

describe('G15 and G16: enough replicas and memory', () => {
  it('blocks one replica in production, warns elsewhere, and leaves a machine of your own alone', async () => {
    const scaled = { files: { 'gantry.yaml': webApp(...plain, 'scale: { min: 1, max: 4 }') } };
    expect(await found('G15', { ...scaled, environment: 'production' })).toEqual([
      'block: web may run as one replica in production  gantry.yaml:10:14',
    ]);
    expect(await found('G15', { files, environment: 'staging' })).toEqual(['warn: web may run as one replica in staging  gantry.yaml:4:3']);
    expect(await found('G15', { files })).toEqual([]);
    expect(await found('G15', { files: { 'gantry.yaml': webApp(...plain, 'replicas: 2') }, environment: 'production' })).toEqual([]);
  });

  it('warns about a limit that was nearly reached', async () => {
    const limited = { 'gantry.yaml': webApp(...plain, 'limits: { memory: 100Mi }') };
    const used = (memoryBytes: number): Partial<GuardContext> => ({ experience: { ...experience, services: { web: { memoryBytes } } } });
    const [finding] = await findings('G16', { files: limited, more: used(182 * 1024 ** 2) });
    expect(finding).toMatchObject({
      severity: 'warn',
      message: 'web used 182 Mi at its peak; the limit is 100 Mi',
      where: 'gantry.yaml:10:15',
      fix: 'Set limits.memory: 288Mi',
    });
    expect(await found('G16', { files: limited, more: used(60 * 1024 ** 2) })).toEqual([]);
  });
});

describe('G22 to G24: changes that somebody should have read', () => {
  const change = (kind: PlannedChange['kind'], subject: string, more: Partial<PlannedChange> = {}): PlannedChange => ({
    kind,
    subject,
    detail: '',
    downtime: false,
    dataLoss: false,
    ...more,
  });
  const planned = async (id: string, changes: readonly PlannedChange[]): Promise<string[]> =>
    found(id, { files, more: { changes, experience } });

  it('asks before data is lost', async () => {
    expect(
      await planned('G23', [change('delete', 'resource/db'), change('replace', 'resource/cache', { detail: 'version 7 -> 8' })]),
    ).toEqual([
      'confirm: the plan deletes resource/db: its data would be gone',
      'confirm: the plan makes anew resource/cache (version 7 -> 8): its data would be gone',
    ]);
    expect(await planned('G23', [change('update', 'resource/db', { dataLoss: true })])).toEqual([
      'confirm: the plan loses data of resource/db: its data would be gone',
    ]);
    expect(await planned('G23', [change('delete', 'service/web'), change('update', 'resource/db')])).toEqual([]);
  });

  it('asks before much is taken away at once', async () => {
    const down = ['service/a', 'service/b', 'service/c'].map((subject) => change('update', subject, { downtime: true }));
    expect(await planned('G24', [...down, change('unchanged', 'service/d')])).toEqual([
      'confirm: the plan takes 3 of 4 parts down at once: service/a, service/b, service/c',
    ]);
    expect(
      await planned(
        'G24',
        down.map(({ subject }) => change('update', subject)),
      ),
    ).toEqual([]);
    expect(
      await planned('G24', [change('delete', 'service/a'), ...down.slice(1).map(({ subject }) => change('unchanged', subject))]),
    ).toEqual([]);
    expect(await found('G24', { files, more: { changes: down } })).toEqual([]);
  });

  it('has words for destroying, which asks by itself', async () => {
    expect(await planned('G22', [])).toEqual([]);
  });
});

describe('G25: what is released', () => {
  const state = async (source: SourceState | undefined, environment = 'local'): Promise<string[]> =>
    found('G25', { files, environment, more: { source: async () => source } });
  const clean: SourceState = { commit: 'a'.repeat(40), uncommitted: 0, unpushed: 0 };

  it('is said when it cannot be made again, and blocks in production', async () => {
    expect(await state({ ...clean, uncommitted: 3 })).toEqual(['warn: 3 files are not committed']);
    expect(await state({ ...clean, uncommitted: 1 }, 'production')).toEqual(['block: 1 file is not committed']);
    expect(await state({ ...clean, unpushed: 2 }, 'production')).toEqual(['block: 2 commits are not pushed']);
    expect(await state({ ...clean, commit: undefined })).toEqual(['warn: the folder has no commit, so the release cannot be traced']);
    expect(await state({ ...clean, unpushed: undefined }, 'staging')).toEqual([
      'warn: commit aaaaaaa is on no branch that follows a remote one',
    ]);
    expect(await state(undefined)).toEqual(['warn: git is not installed, so nothing says which source is released']);
  });

  it('is fine when it is committed, and pushed where others use it', async () => {
    expect(await state(clean, 'production')).toEqual([]);
    expect(await state({ ...clean, unpushed: 4 })).toEqual([]);
  });

  it('is read from what git writes for programs', async () => {
    const text = `# branch.oid ${'b'.repeat(40)}\n# branch.head main\n# branch.upstream origin/main\n# branch.ab +2 -1\n1 .M N... 100644 100644 100644 a b server.js\n? new file.js\n`;
    expect(parseStatus(text)).toEqual({ commit: 'b'.repeat(40), uncommitted: 2, unpushed: 2 });
    expect(parseStatus('# branch.oid (initial)\n# branch.head main\n? a\n')).toEqual({
      commit: undefined,
      uncommitted: 1,
      unpushed: undefined,
    });
    const { folder, path, signal } = await contextOf({ files });
    expect(await sourceState(folder, path, signal)).toEqual({ commit: undefined, uncommitted: 0, unpushed: undefined });
    expect(await sourceState(folder, '', signal)).toBeUndefined();
  });
});

describe('G26: content that was tried nowhere', () => {
  const tested = { ...files, 'web/package.json': JSON.stringify({ scripts: { test: 'vitest run' } }) };
  const production = (tried?: readonly string[]): Omit<Setting, 'files'> => ({
    environment: 'production',
    more: { experience: { ...experience, ...(tried === undefined ? {} : { tried }) } },
  });

  it('is a warning in production, for services that have tests', async () => {
    expect(await found('G26', { files: tested, ...production([]) })).toEqual([
      'warn: web has tests, and this content of it has run nowhere else: nothing says that they passed  gantry.yaml:4:3',
    ]);
    expect(await found('G26', { files: tested, ...production(['web']) })).toEqual([]);
    expect(await found('G26', { files: tested })).toEqual([]);
    const none = { ...files, 'web/package.json': JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }) };
    expect(await found('G26', { files: none, ...production([]) })).toEqual([]);
  });
});

describe('G34: two want the same place', () => {
  const fixed = 'gantry: 1\napp: shop\nservices:\n  web: { run: ./server, port: { number: 5000, fixed: true }, route: /, health: / }\n';
  const other = '  old: { run: ./old, port: { number: 5000, fixed: true }, route: /old, health: /old }\n';

  it('blocks the same domain and the same port of two environments', async () => {
    const places = {
      ...files,
      'environments/staging.yaml': 'target: local\nport: 8080\ndomain: shop.example.com\n',
      'environments/production.yaml': 'target: local\nport: 8080\ndomain: shop.example.com\n',
    };
    expect(await found('G34', { files: places, environment: 'production' })).toEqual([
      'block: staging and production both want the domain shop.example.com  environments/production.yaml:3:1',
      'block: staging and production both want port 8080 on this machine  environments/production.yaml:2:1',
    ]);
    expect(
      await found('G34', { files: { ...places, 'environments/staging.yaml': 'target: local\nport: 8081\n' }, environment: 'production' }),
    ).toEqual([]);
  });

  it('blocks a fixed port that another service or another app has', async () => {
    expect(await found('G34', { files: { 'gantry.yaml': fixed + other } })).toEqual([
      'block: web and old both want port 5000 on this machine  gantry.yaml:5:22',
    ]);
    const neighbours = [{ app: 'till', environment: 'local', folder: '/home/ana/till', ports: [8080, 5000] }];
    expect(await found('G34', { files: { 'gantry.yaml': fixed }, more: { neighbours } })).toEqual([
      'block: till in /home/ana/till and web both want port 5000 on this machine  gantry.yaml:4:25',
    ]);
    expect(await found('G34', { files: { 'gantry.yaml': fixed }, more: { neighbours: [{ ...neighbours[0]!, ports: [8080] }] } })).toEqual(
      [],
    );
    const node = (fixed + other).replaceAll('./server', 'node server.js').replaceAll('./old', 'node old.js');
    expect(await found('G34', { files: { 'gantry.yaml': node }, more: { neighbours } })).toEqual([]);
  });
});

describe('G35: room to scale', () => {
  const bound = (scale: string, variables = "{ DATABASE_URL: '${db.url}' }"): string =>
    `${webApp(...plain, `scale: ${scale}`, `variables: ${variables}`)}resources: { db: { type: postgres, version: 17 } }\n`;
  const pg = { 'web/package.json': JSON.stringify({ dependencies: { pg: '8' } }) };

  it('warns when all pools together are more than the database takes', async () => {
    const pooled = {
      'gantry.yaml': bound('{ min: 2, max: 10 }'),
      ...pg,
      'web/server.js': 'const size = 30;\nconst pool = new pg.Pool({ ...options, max: size });\n',
    };
    const [finding] = await findings('G35', { files: pooled });
    expect(finding).toMatchObject({
      severity: 'warn',
      message: '10 x 30 of web = 300 connections, but db takes 197',
      where: 'web/server.js:2',
      fix: 'Lower the pool to 19, or scale.max of web.',
    });
    const named = { 'gantry.yaml': bound('{ min: 2, max: 50 }', "{ DATABASE_URL: '${db.url}', DATABASE_POOL: 5 }") };
    expect(await found('G35', { files: named })).toEqual(['warn: 50 x 5 of web = 250 connections, but db takes 197  gantry.yaml:11:45']);
    const unsaid = {
      'gantry.yaml': bound('{ min: 2, max: 20 }'),
      ...pg,
      'web/server.js': 'const pool = new Pool({ connectionString });\n',
    };
    expect(await found('G35', { files: unsaid })).toEqual(['warn: 20 x 10 of web = 200 connections, but db takes 197  web/server.js:1']);
  });

  it('is quiet when they fit, or when the size cannot be read', async () => {
    const source = (options: string): Record<string, string> => ({
      'gantry.yaml': bound('{ min: 2, max: 10 }'),
      ...pg,
      'web/server.js': `new Pool(${options});\n`,
    });
    for (const options of ['{ max: 19 }', 'config', '{ max: Number(process.env.POOL) }', '{ ...config }', '{ max: limit }'])
      expect(await found('G35', { files: source(options) })).toEqual([]);
  });

  it('warns about a target that nothing can follow', async () => {
    expect(await found('G35', { files: { 'gantry.yaml': webApp(...plain, 'scale: { min: 3, max: 3, cpu: 70 }') } })).toEqual([
      'warn: web has a target to scale by, but min and max are both 3  gantry.yaml:10:5',
    ]);
    expect(await found('G35', { files: { 'gantry.yaml': webApp(...plain, 'replicas: 3') } })).toEqual([]);
  });
});

describe('G36: the machine', () => {
  const asks = (node: string): Record<string, string> => ({ ...files, 'web/package.json': JSON.stringify({ engines: { node } }) });

  it('has another Node than the service asks for', async () => {
    expect(await found('G36', { files: asks('>=99') })).toEqual([
      `block: web asks for Node >=99, and this is ${process.versions.node}  gantry.yaml:4:3`,
    ]);
    expect(await found('G36', { files: asks('>=18') })).toEqual([]);
    expect(await found('G36', { files: asks('lts/*') })).toEqual([]);
    expect(await found('G36', { files: { ...asks('>=99'), 'gantry.yaml': app.replace('node server.js', './server') } })).toEqual([]);
    expect(local.builders).toContain('folder');
  });

  it('reads ranges as npm does, and concludes nothing from those that it does not know', () => {
    const cases: readonly (readonly [string, boolean | undefined])[] = [
      ['>=20.19.0', true],
      ['>= 20.19', true],
      ['^20', true],
      ['^20.3.1', false],
      ['~20.2', true],
      ['~20.1', false],
      ['20.x', true],
      ['20', true],
      ['18 || 20', true],
      ['18 || 22', false],
      ['>=18 <20', false],
      ['>=18 <21', true],
      ['>20', false],
      ['<=20', true],
      ['*', true],
      ['', true],
      ['18 - 22', undefined],
      ['current', undefined],
      ['>=22-pre', undefined],
    ];
    for (const [range, answer] of cases)
      expect([range, satisfies(range.includes('19') ? '20.19.4' : '20.2.0', range)]).toEqual([range, answer]);
  });
});
