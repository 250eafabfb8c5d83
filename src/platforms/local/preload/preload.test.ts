import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isNodeProgram, preloadEnvironment } from './environment.ts';

let folder: string;
let file: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry "pre" load-'));
  file = join(folder, 'preload.cjs');
  await cp(new URL('preload.cjs', import.meta.url), file);
});
afterAll(async () => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const child of children.splice(0)) {
    const exit = once(child, 'exit');
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await exit;
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the program as a replica and waits until it says what it listens on. */
async function addressOf(run: readonly string[], declared: number, own: number, env: Record<string, string> = {}): Promise<AddressInfo> {
  const preload = preloadEnvironment({ run, port: declared, env }, own, file);
  const [program = '', ...words] = run;
  const child = spawn(program, words, {
    cwd: folder,
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env, ...preload },
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await expect.poll(() => text, { timeout: 15_000, interval: 10 }).toMatch(/address=\{.*\}\n/);
  return JSON.parse(/address=(\{.*\})\n/.exec(text)?.[1] ?? '') as AddressInfo;
}

async function body(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, (response) => response.setEncoding('utf8').once('data', resolve)).once('error', reject);
  });
}

const say = `() => console.log('address=' + JSON.stringify(server.address()))`;
const start = `const server = require('http').createServer((request, response) => response.end('hello'));`;

describe('a Node program with a fixed port', { timeout: 30_000 }, () => {
  const forms: [string, (port: number) => string][] = [
    ['listen(port)', (port) => `server.on('listening', ${say}); server.listen(${port})`],
    ['listen(port, callback)', (port) => `server.listen(${port}, ${say})`],
    ['listen(port, host, callback)', (port) => `server.listen(${port}, '0.0.0.0', ${say})`],
    ['listen(port, host, backlog, callback)', (port) => `server.listen(${port}, '0.0.0.0', 64, ${say})`],
    ['listen(port, backlog, callback)', (port) => `server.listen(${port}, 64, ${say})`],
    ['listen(port, undefined, callback)', (port) => `server.listen(${port}, undefined, ${say})`],
    ['listen(port, null, null, callback)', (port) => `server.listen(${port}, null, null, ${say})`],
    ['listen(text)', (port) => `server.listen('${port}', ${say})`],
    ['listen({ port })', (port) => `server.listen({ port: ${port} }, ${say})`],
    ['listen({ port, host, ipv6Only })', (port) => `server.listen({ port: '${port}', host: '::', ipv6Only: true, backlog: 5 }, ${say})`],
  ];

  it.each(forms)('gets its own port on loopback: %s', async (_, listen) => {
    const [declared, own] = [await freePort(), await freePort()];
    const address = await addressOf([process.execPath, '-e', start + listen(declared)], declared, own);
    expect(address).toMatchObject({ port: own, address: '127.0.0.1' });
    expect(await body(own)).toBe('hello');
  });

  it('gets it as an ES module, under npm run, and beside options of its own', async () => {
    const [declared, own] = [await freePort(), await freePort()];
    const module = `import { createServer } from 'node:http';\nconst server = createServer((request, response) => response.end(process.execArgv.join() + (globalThis.gc ? 'gc' : '')));\nserver.listen(${declared}, '0.0.0.0', ${say});\n`;
    await writeFile(join(folder, 'server.mjs'), module);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'x', scripts: { start: 'node server.mjs' } }));
    expect(await addressOf(['npm', 'run', 'start'], declared, own, { NODE_OPTIONS: '--expose-gc' })).toMatchObject({ port: own });
    expect(await body(own)).toBe('gc');
  });

  it('gets it in every worker of a cluster', async () => {
    const [declared, own] = [await freePort(), await freePort()];
    const cluster = `const cluster = require('cluster'); if (cluster.isPrimary) { cluster.fork(); cluster.fork(); } else { ${start} server.listen(${declared}, ${say}); }`;
    await writeFile(join(folder, 'cluster.cjs'), cluster);
    expect(await addressOf([process.execPath, 'cluster.cjs'], declared, own)).toMatchObject({ port: own });
    expect(await body(own)).toBe('hello');
  });

  it('keeps its other ports, its sockets and its hosts', async () => {
    const [declared, own, other] = [await freePort(), await freePort(), await freePort()];
    const path = join(folder, 's.sock');
    const both = `require('net').createServer().listen(${JSON.stringify(path)}, () => { ${start} server.listen(${other}, '0.0.0.0', ${say}); });`;
    expect(await addressOf([process.execPath, '-e', both], declared, own)).toMatchObject({ port: other, address: '0.0.0.0' });
  });

  it('runs twice side by side', async () => {
    const [declared, one, two] = [await freePort(), await freePort(), await freePort()];
    const run = [process.execPath, '-e', `${start} server.listen(${declared}, ${say})`];
    expect((await addressOf(run, declared, one)).port).toBe(one);
    expect((await addressOf(run, declared, two)).port).toBe(two);
    expect([await body(one), await body(two)]).toEqual(['hello', 'hello']);
  });
});

describe('the choice of programs', () => {
  it.each([
    ['node', 'x.js'],
    ['/usr/bin/node'],
    ['npm', 'run', 'start'],
    ['npx', 'serve'],
    ['yarn', 'start'],
    ['pnpm', 'start'],
    ['./node_modules/.bin/next', 'start'],
    ['env', 'A=1', 'node', 'x.js'],
  ])('takes %s', (...run) => {
    expect(isNodeProgram(run)).toBe(true);
  });

  it.each([['python3', 'app.py'], ['./server'], ['gunicorn'], ['sh', 'node.sh'], ['env'], []])('leaves %s', (...run) => {
    expect(isNodeProgram(run)).toBe(false);
  });

  it('knows a script by its first line', async () => {
    await mkdir(join(folder, 'bin'), { recursive: true });
    await writeFile(join(folder, 'bin', 'serve'), '#!/usr/bin/env -S node --enable-source-maps\n');
    await writeFile(join(folder, 'bin', 'other'), '#!/bin/sh\n# node\n');
    await chmod(join(folder, 'bin', 'serve'), 0o755);
    expect(isNodeProgram(['bin/serve'], folder)).toBe(true);
    expect(isNodeProgram(['bin/other'], folder)).toBe(false);
    expect(isNodeProgram(['bin/none'], folder)).toBe(false);
  });

  it('gives nothing to a program without a port or with options that are put together later', () => {
    expect(preloadEnvironment({ run: ['node'], env: {} }, 1, '/p')).toBeUndefined();
    expect(preloadEnvironment({ run: ['node'], port: 5, env: { NODE_OPTIONS: { $secret: 'x' } } }, 1, '/p')).toBeUndefined();
    expect(preloadEnvironment({ run: ['python3'], port: 5, env: {} }, 1, '/p')).toBeUndefined();
    expect(preloadEnvironment({ run: ['node'], port: 5, env: { NODE_OPTIONS: '--a' } }, 6, '/p "q"/x')).toEqual({
      NODE_OPTIONS: String.raw`--a --require "/p \"q\"/x"`,
      GANTRY_PORT_MAP: '5:6',
    });
  });
});
