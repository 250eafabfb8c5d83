/** Installs the root's dependencies exactly as locked, when what is there is not that already. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const shownLines = 20;

export function isInstalled(root) {
  const stamp = stampFile(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(root)) return true;
  if (!matchesLock(root)) return false;
  writeFileSync(stamp, stampOf(root));
  return true;
}

/** Lockfile-exact; without install scripts, none of which is needed. */
export async function install(root) {
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const options = [
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ];
  await runQuietly([...npm, 'ci', ...options], root, { ...process.env, ...npmCache() });
  writeFileSync(stampFile(root), stampOf(root));
}

/**
 * Runs a program and shows the end of what it said if it fails.
 * @param {string[]} argv
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @param {number} lineCount how much of its end
 */
export async function runQuietly(argv, cwd, env, lineCount = shownLines) {
  const [file, ...args] = argv;
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  if (code === 0) return;
  const lines = Buffer.concat(chunks).toString().trimEnd().split('\n').slice(-lineCount);
  throw new Error([`\`${argv.join(' ')}\` ended with ${code}:`, ...lines].join('\n  '));
}

function stampFile(root) {
  return join(root, 'node_modules', '.installed');
}

function stampOf(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(`${process.platform} ${process.arch} `).update(lock).digest('hex');
}

/** npm writes what it installed, at the end; an install by hand counts when it is complete and equal to the lock. */
function matchesLock(root) {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  const { '': _root, ...locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const wanted = Object.entries(locked).filter(([, entry]) => !entry.optional && !entry.devOptional);
  const same = ([path, entry]) => locked[path]?.version === entry.version && locked[path]?.integrity === entry.integrity;
  return wanted.every(([path]) => installed[path]) && Object.entries(installed).every(same);
}

/** npm keeps its cache in the home folder; without a usable one, in the system's folder for temporary files. */
function npmCache() {
  if (process.env.npm_config_cache && isWritable(process.env.npm_config_cache)) return {};
  const home = homedir();
  if (home && isWritable(home)) return {};
  const cache = join(tmpdir(), `npm-cache-${process.getuid?.() ?? 0}`);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  return { npm_config_cache: cache };
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
