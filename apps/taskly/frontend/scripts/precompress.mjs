// Puts a .br and a .gz beside every built file that gets smaller by it, so that the server never compresses while it answers.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const compressible = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest']);
const folder = fileURLToPath(new URL('../dist/client', import.meta.url));

const brotli = (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
const deflate = (bytes) => promisify(gzip)(bytes, { level: 9 });

async function compress(file) {
  const bytes = await readFile(file);
  for (const [suffix, packed] of [
    ['.br', await brotli(bytes)],
    ['.gz', await deflate(bytes)],
  ]) {
    if (packed.length < bytes.length) await writeFile(file + suffix, packed);
  }
}

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile() && compressible.has(extname(entry.name)));
await Promise.all(files.map((entry) => compress(join(entry.parentPath ?? entry.path, entry.name))));
