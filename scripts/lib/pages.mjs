/** Builds the dashboard's pages into a folder and keeps what an open page of the build before may still ask for. */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Smaller files gain nothing. */
const worthwhile = 1024;

/**
 * @param {string} root of the project
 * @param {string} folder where the pages go
 * @param {readonly string[]} previous files of the build before
 * @returns {Promise<string[]>} files of this build, relative to the folder
 */
export async function buildPages(root, folder, previous) {
  const fresh = `${folder}-${process.pid}`;
  try {
    await bundle(root, fresh);
    const files = filesIn(fresh);
    for (const file of files.filter((name) => /\.(js|css|html|svg|json)$/.test(name))) compress(join(fresh, file));
    const all = filesIn(fresh);
    // The page that names the others comes last.
    for (const file of all.toSorted((a, b) => Number(a.startsWith('index.html')) - Number(b.startsWith('index.html')))) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      renameSync(join(fresh, file), join(folder, file));
    }
    const kept = new Set([...all, ...previous]);
    for (const file of filesIn(folder)) if (!kept.has(file)) rmSync(join(folder, file));
    return all;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function bundle(root, outDir) {
  const { build } = await import('vite');
  const dashboard = join(root, 'dashboard');
  await build({
    root: dashboard,
    configFile: join(dashboard, 'vite.config.ts'),
    mode: 'production',
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
}

function compress(file) {
  const content = readFileSync(file);
  if (content.length < worthwhile) return;
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }));
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}
