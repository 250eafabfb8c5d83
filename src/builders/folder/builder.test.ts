import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { background } from '../../exec/exec.ts';
import type { Service } from '../../app/model.ts';
import type { BuildContext } from '../builder.ts';
import { contentFolder, folderBuilder } from './builder.ts';
import { prune } from './content.ts';
import { contentHome, isComplete } from './content.ts';
import { prepareEnvironment } from './prepare.ts';

const node = process.execPath;
let base: string;
let context: BuildContext;
let lines: string[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'gantry build-'));
  lines = [];
  context = {
    folder: join(base, 'app'),
    cacheDir: join(base, 'cache'),
    signal: new AbortController().signal,
    report: (line) => void lines.push(line),
  };
  await put('backend/main.js', 'console.log(1)');
  await put('backend/lib/util.js', 'export {}');
});
afterEach(async () => rm(base, { recursive: true, force: true }));

async function put(path: string, text: string, mode = 0o644): Promise<void> {
  const file = join(context.folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
}

function service(more: Partial<Service> = {}): Service {
  return {
    name: 'backend',
    kind: 'web',
    build: { context: 'backend', args: {} },
    prepare: [],
    limits: { cpu: 1, memory: 1 },
    scale: { min: 1, max: 1 },
    variables: {},
    secrets: [],
    ...more,
  };
}

function script(text: string): Partial<Service> {
  return { prepare: [[node, '-e', text]] };
}

async function build(more: Partial<Service> = {}): Promise<string> {
  const { address } = await folderBuilder.build(service(more), context);
  return contentFolder(context.cacheDir, address);
}

async function tree(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).toSorted();
}

describe('the content of a service', () => {
  it('is a copy with modes, links and empty folders, at its address', async () => {
    await put('backend/bin/run', '#!/bin/sh\n', 0o755);
    await mkdir(join(context.folder, 'backend/empty'));
    await symlink('main.js', join(context.folder, 'backend/alias.js'));
    const folder = await build();
    expect(await tree(folder)).toEqual(['alias.js', 'bin', 'bin/run', 'empty', 'lib', 'lib/util.js', 'main.js']);
    expect((await stat(join(folder, 'bin/run'))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(folder, 'alias.js'))).toBe('main.js');
    expect((await lstat(folder)).isSymbolicLink()).toBe(false);
    expect(await folderBuilder.address(service(), context)).toEqual({ kind: 'folder', address: folder.slice(-32) });
    expect(await folderBuilder.has(await folderBuilder.address(service(), context), context)).toBe(true);
  });

  it('honours .dockerignore and never takes node_modules, .git or .gantry', async () => {
    for (const path of ['node_modules/x/i.js', 'lib/node_modules/y.js', '.git/HEAD', '.gantry/secrets.json', 'secret.env', 'tests/a.js'])
      await put(`backend/${path}`, 'x');
    await put('backend/.dockerignore', '*.env\ntests\n');
    expect(await tree(await build())).toEqual(['.dockerignore', 'lib', 'lib/util.js', 'main.js']);
  });

  it('takes no virtual environment of Python, whatever it is called, and no compiled modules', async () => {
    for (const path of ['.venv/pyvenv.cfg', '.venv/lib/x.py', 'env/pyvenv.cfg', '__pycache__/a.pyc', 'lib/__pycache__/b.pyc'])
      await put(`backend/${path}`, 'x');
    await symlink('/usr/bin/python3', join(context.folder, 'backend/.venv/python'));
    expect(await tree(await build())).toEqual(['lib', 'lib/util.js', 'main.js']);
  });

  it('prefers the ignore file of the Dockerfile', async () => {
    await put('backend/.dockerignore', 'main.js\n');
    await put('backend/Prod.dockerignore', 'lib\n');
    const folder = await build({ build: { context: 'backend', dockerfile: 'Prod', args: {} } });
    expect(await tree(folder)).toEqual(['.dockerignore', 'Prod.dockerignore', 'main.js']);
  });

  it('takes only what ! brings back', async () => {
    await put('backend/.dockerignore', '*\n!lib/util.js\n');
    await put('backend/lib/other.js', 'x');
    expect(await tree(await build())).toEqual(['lib', 'lib/util.js']);
  });

  it('of the app folder itself leaves the app file out', async () => {
    await put('gantry.yaml', 'gantry: 1');
    const here = { build: { context: '.', args: {} } };
    const before = await build(here);
    expect(await tree(before)).not.toContain('gantry.yaml');
    await put('gantry.yaml', 'gantry: 1 # more');
    expect(await build(here)).toBe(before);
  });

  it('has another address after every change, and the old one after it is undone', async () => {
    const first = await build();
    await put('backend/main.js', 'console.log(2)');
    const second = await build();
    expect(second).not.toBe(first);
    await put('backend/main.js', 'console.log(1)');
    expect(await build()).toBe(first);
    await chmod(join(context.folder, 'backend/main.js'), 0o755);
    expect(await build()).not.toBe(first);
    expect(await readFile(join(second, 'main.js'), 'utf8')).toBe('console.log(2)');
  });

  it('is not made twice, also for services that share it', async () => {
    const counted = script(`require('fs').appendFileSync('${base}/count', 'x')`);
    await build(counted);
    const marker = await stat(
      join(contentHome(context.cacheDir), (await readdir(contentHome(context.cacheDir))).find((name) => name.endsWith('.complete')) ?? ''),
    );
    await build({ ...counted, name: 'worker', kind: 'worker' });
    await Promise.all([build(counted), build(counted)]);
    expect(await readFile(join(base, 'count'), 'utf8')).toBe('x');
    expect(marker.isFile()).toBe(true);
  });

  it('is read again only where something changed', async () => {
    const past = new Date(Date.now() - 60_000);
    await folderBuilder.address(service(), context);
    const { utimes } = await import('node:fs/promises');
    await utimes(join(context.folder, 'backend/main.js'), past, past);
    const before = (await folderBuilder.address(service(), context)).address;
    await put('backend/main.js', 'console.log(9)');
    await utimes(join(context.folder, 'backend/main.js'), past, past);
    expect((await folderBuilder.address(service(), context)).address).not.toBe(before);
  });
});

describe('preparation', () => {
  it('runs in the copy, in its final place, command after command', async () => {
    const folder = await build({
      prepare: [
        [node, '-e', `require('fs').writeFileSync('where', process.cwd())`],
        [node, '-e', `require('fs').copyFileSync('where', 'there'); console.log('made it')`],
      ],
    });
    expect(await readFile(join(folder, 'there'), 'utf8')).toBe(folder);
    expect(existsSync(join(context.folder, 'backend/where'))).toBe(false);
    expect(lines).toContain('made it');
  });

  it('gets a clean environment', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('npm_config_omit', 'dev');
    vi.stubEnv('SECRET_THING', 'x');
    try {
      const folder = await build(script(`require('fs').writeFileSync('env', JSON.stringify(process.env))`));
      const env = JSON.parse(await readFile(join(folder, 'env'), 'utf8')) as Record<string, string>;
      expect(env).toMatchObject({ CI: '1', npm_config_audit: 'false', PATH: expect.any(String) });
      expect(Object.keys(env).filter((name) => ['NODE_ENV', 'npm_config_omit', 'SECRET_THING', 'NODE_OPTIONS'].includes(name))).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('keeps where packages come from, drops the PATH of a surrounding npm, and has a cache when the home cannot be written', () => {
    const env = prepareEnvironment(
      {
        PATH: '/x/node_modules/.bin:/usr/bin',
        HOME: '/nonexistent',
        npm_config_registry: 'https://r',
        NPM_CONFIG_CACHE: '/c',
        npm_config_production: 'true',
      },
      '/cache',
      'abc',
    );
    expect(env).toMatchObject({ PATH: '/usr/bin', npm_config_registry: 'https://r', npm_config_cache: '/cache/npm', GANTRY_BUILD: 'abc' });
    expect(env['npm_config_production']).toBeUndefined();
    expect(prepareEnvironment({ HOME: base }, '/cache', 'abc')['npm_config_cache']).toBeUndefined();
  });

  it('installs with npm, development dependencies too, from the lockfile', { timeout: 60_000 }, async () => {
    await put('backend/tool/package.json', '{"name":"tool","version":"1.0.0"}');
    await put('backend/package.json', '{"name":"b","version":"1.0.0","devDependencies":{"tool":"file:./tool"}}');
    const lock = {
      name: 'b',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'b', version: '1.0.0', devDependencies: { tool: 'file:./tool' } },
        'node_modules/tool': { resolved: 'tool', link: true },
        tool: { version: '1.0.0', dev: true },
      },
    };
    await put('backend/package-lock.json', JSON.stringify(lock));
    const folder = await build({ prepare: [['npm', 'ci', '--offline']] });
    expect(existsSync(join(folder, 'node_modules/tool/package.json'))).toBe(true);
  });

  it('that fails says which command, where, and its last lines, and leaves nothing', async () => {
    const failing = service({ prepare: [[node, '-e', `console.error('no such module'); process.exit(3)`]] });
    await expect(folderBuilder.build(failing, context)).rejects.toMatchObject({
      code: 'GB1003',
      message: expect.stringContaining('exit code 3'),
      where: `services.backend.prepare (${join(context.folder, 'backend')})`,
      lines: ['no such module'],
    });
    expect((await readdir(contentHome(context.cacheDir))).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(await folderBuilder.has(await folderBuilder.address(failing, context), context)).toBe(false);
  });

  it('by a program that does not exist says so', async () => {
    await expect(build({ prepare: [['no-such-program-x', 'ci']] })).rejects.toMatchObject({
      code: 'GB1004',
      message: expect.stringContaining('`no-such-program-x`'),
    });
  });

  it('stops when it is interrupted, and leaves nothing', async () => {
    const controller = new AbortController();
    const interrupted = { ...context, signal: controller.signal, report: (line: string) => void (line === 'ready' && controller.abort()) };
    const waiting = service({ prepare: [[node, '-e', `console.log('ready'); setInterval(() => {}, 1000)`]] });
    await expect(folderBuilder.build(waiting, interrupted)).rejects.toMatchObject({ code: 'GX1004' });
    expect((await readdir(contentHome(context.cacheDir))).filter((name) => !name.startsWith('.'))).toEqual([]);
  });
});

describe('what is half made', () => {
  it('is made again, and what an interrupted build left running is ended first', async () => {
    const { address } = await folderBuilder.address(service(), context);
    const folder = contentFolder(context.cacheDir, address);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'half'), '');
    const orphan = await background({
      argv: [node, '-e', 'setInterval(() => {}, 1000)'],
      cwd: folder,
      env: { GANTRY_BUILD: address },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    expect(isComplete(context.cacheDir, address)).toBe(false);
    expect(await tree(await build())).toEqual(['lib', 'lib/util.js', 'main.js']);
    if (process.platform !== 'linux') process.kill(orphan.pid, 'SIGKILL');
    expect(await orphan.exit).toMatchObject({ signal: 'SIGKILL' });
  });
});

describe('a site', () => {
  const site = (dir: string, prepare: Service['prepare'] = []): Partial<Service> => ({
    name: 'site',
    kind: 'static',
    static: { dir },
    prepare,
  });

  it('that needs no preparation is its folder alone, also when .dockerignore names it', async () => {
    await put('backend/dist/index.html', '<p>');
    await put('backend/dist/assets/a.js', 'x');
    await put('backend/.dockerignore', 'dist\n');
    expect(await tree(await build(site('./dist/')))).toEqual(['dist', 'dist/assets', 'dist/assets/a.js', 'dist/index.html']);
  });

  it('that is prepared has what was prepared', async () => {
    const folder = await build(
      site('out', [[node, '-e', `require('fs').mkdirSync('out'); require('fs').writeFileSync('out/index.html', 'x')`]]),
    );
    expect(existsSync(join(folder, 'out/index.html'))).toBe(true);
  });

  it('without its folder says where pages are', async () => {
    const wrong = site('dist', [[node, '-e', `require('fs').mkdirSync('public'); require('fs').writeFileSync('public/index.html', 'x')`]]);
    await expect(build(wrong)).rejects.toMatchObject({ code: 'GB1008', fix: expect.stringContaining('public') });
  });
});

describe('bad input', () => {
  it('names a folder that is missing', async () => {
    await expect(build({ build: { context: 'bakend', args: {} } })).rejects.toMatchObject({
      code: 'GB1001',
      where: join(context.folder, 'bakend'),
    });
  });

  it.each(['/etc/hostname', '../outside', 'lib/../../outside'])('refuses a link to %s', async (target) => {
    await put('outside', 'x');
    await symlink(target, join(context.folder, 'backend/link'));
    await expect(build()).rejects.toMatchObject({ code: 'GB1002', where: join(context.folder, 'backend/link') });
  });

  it('lets a refused link be ignored', async () => {
    await symlink('/etc/hostname', join(context.folder, 'backend/link'));
    await put('backend/.dockerignore', 'link\n');
    expect(await tree(await build())).not.toContain('link');
  });

  it('refuses to prepare below foreign packages, and the fix works', async () => {
    await mkdir(join(base, 'node_modules'));
    await expect(build()).rejects.toMatchObject({ code: 'GB1005', where: join(base, 'node_modules') });
    await rm(join(base, 'node_modules'), { recursive: true });
    expect(existsSync(await build())).toBe(true);
  });

  it('says that an image does not run here', async () => {
    await expect(build({ image: 'x@sha256:0' })).rejects.toMatchObject({ code: 'GB1006' });
  });
});

describe('old content', () => {
  it('goes, except what is in use and the last ones', async () => {
    const folders: string[] = [];
    for (let version = 1; version <= 4; version++) {
      await put('backend/main.js', String(version));
      folders.push(await build());
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    const [first, second, third, fourth] = folders.map((folder) => folder.slice(-32));
    const removed = await prune({ cacheDir: context.cacheDir, keep: [first ?? ''], old: 1 });
    expect(removed.toSorted()).toEqual([second, third].toSorted());
    expect(folders.map((folder) => existsSync(folder))).toEqual([true, false, false, true]);
    expect(isComplete(context.cacheDir, fourth ?? '')).toBe(true);
    expect(await prune({ cacheDir: join(base, 'none'), keep: [], old: 0 })).toEqual([]);
  });
});
