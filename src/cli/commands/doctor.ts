/** `gantry doctor`: what this machine has and lacks for running apps here. */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { findProgram } from '../../exec/tool.ts';
import { placesOf } from '../../platforms/local/places.ts';
import { findPostgres } from '../../platforms/local/resources/index.ts';
import type { Io, Run } from '../io.ts';
import { appFolder } from '../project.ts';
import { paint } from '../print/paint.ts';
import { json, say, size, table } from '../print/text.ts';

interface Finding {
  readonly name: string;
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly fix?: string;
}

const leastDiskBytes = 1_000_000_000;

export const run: Run = async (io) => {
  const findings = [node(), system(), await postgres(io), await redis(io), await loopback(), ...(await folders(io))];
  json(io, { findings });
  const { green, yellow, red } = paint(io);
  const mark = { ok: green('✓'), warning: yellow('~'), problem: red('✗') };
  const lines = table(
    findings.map(({ name, detail }) => [name, detail]),
    '',
  );
  findings.forEach((finding, index) => {
    say(io, `${mark[finding.verdict]} ${lines[index] ?? ''}`);
    if (finding.fix !== undefined) say(io, `    fix: ${finding.fix}`);
  });
  return findings.some(({ verdict }) => verdict === 'problem') ? 1 : 0;
};

/** Older versions are refused before any of this runs. */
function node(): Finding {
  return { name: 'node', verdict: 'ok', detail: `${process.versions.node} (${process.execPath})` };
}

function system(): Finding {
  const known = process.platform === 'linux' || process.platform === 'darwin';
  const detail = `${process.platform} ${process.arch}`;
  return known
    ? { name: 'system', verdict: 'ok', detail }
    : { name: 'system', verdict: 'problem', detail, fix: 'Use Linux or macOS; on Windows, WSL 2.' };
}

async function postgres(io: Io): Promise<Finding> {
  const found = await findPostgres(17, io.env['PATH'] ?? '');
  if ('folder' in found) return { name: 'postgres', verdict: 'ok', detail: `${found.version} (${found.folder})` };
  return { name: 'postgres', verdict: 'warning', detail: found.problem, fix: found.fix };
}

async function redis(io: Io): Promise<Finding> {
  const path = io.env['PATH'] ?? '';
  const found = (await findProgram('valkey-server', path)) ?? (await findProgram('redis-server', path));
  if (found !== undefined) return { name: 'redis', verdict: 'ok', detail: found };
  return {
    name: 'redis',
    verdict: 'warning',
    detail: 'no valkey-server or redis-server on PATH; only apps with a redis resource need one',
    fix: 'Install valkey or redis-server from your system.',
  };
}

async function loopback(): Promise<Finding> {
  const failure = await new Promise<Error | undefined>((resolve) => {
    const server = createServer().once('error', resolve);
    server.listen(0, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
  if (failure === undefined) return { name: 'network', verdict: 'ok', detail: 'ports can be opened on 127.0.0.1' };
  return { name: 'network', verdict: 'problem', detail: failure.message, fix: 'Allow programs to listen on 127.0.0.1.' };
}

async function folders(io: Io): Promise<Finding[]> {
  const places = placesOf(safeAppFolder(io));
  return Promise.all([writable('state', places.stateDir), writable('cache', places.cacheDir), privacy(places.stateDir)]);
}

function safeAppFolder(io: Io): string {
  try {
    return appFolder(io.cwd);
  } catch {
    return io.cwd;
  }
}

async function writable(name: string, folder: string): Promise<Finding> {
  const existing = await nearest(folder);
  try {
    await access(existing, constants.W_OK);
    const { bavail, bsize } = await statfs(existing);
    const free = bavail * bsize;
    const detail = `${folder}, ${size(free)} free`;
    return free >= leastDiskBytes
      ? { name, verdict: 'ok', detail }
      : { name, verdict: 'warning', detail, fix: 'Free some space on that disk.' };
  } catch (error) {
    return { name, verdict: 'problem', detail: `${folder}: ${(error as Error).message}`, fix: `Make ${existing} writable for you.` };
  }
}

async function nearest(folder: string): Promise<string> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  return exists || folder === dirname(folder) ? folder : nearest(dirname(folder));
}

async function privacy(stateDir: string): Promise<Finding> {
  const mode = await stat(stateDir).then(
    (found) => found.mode & 0o077,
    () => 0,
  );
  if (mode === 0) return { name: 'privacy', verdict: 'ok', detail: `${stateDir} is yours alone` };
  return { name: 'privacy', verdict: 'problem', detail: `others can reach ${stateDir}`, fix: `chmod 700 ${stateDir}` };
}
