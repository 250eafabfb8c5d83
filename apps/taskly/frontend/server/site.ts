import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface Asset {
  type: string;
  /** Strong, from the content: equal on every replica, and never equal for two builds whose files have the same size and time. */
  etag: string;
  immutable: boolean;
  bodies: { identity: Buffer; br?: Buffer; gzip?: Buffer };
}

/** URL path ('/assets/index-3f.js') to asset. */
export type Site = ReadonlyMap<string, Asset>;

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** Reads a built site into memory (Taskly's is well under a megabyte); a request then touches no file, so no path can leave the folder. */
export function readSite(folder: string): Site {
  const files = new Set(filesBelow(folder));
  const site = new Map<string, Asset>();
  for (const file of files) {
    const plain = file.replace(/\.(br|gz)$/, '');
    if (plain === file || !files.has(plain)) site.set(urlPath(folder, file), readAsset(file, files));
  }
  return site;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const urlPath = (folder: string, file: string): string => `/${relative(folder, file).split(sep).join('/')}`;

function readAsset(file: string, files: ReadonlySet<string>): Asset {
  const identity = readFileSync(file);
  return {
    type: types[extname(file)] ?? 'application/octet-stream',
    etag: createHash('sha256').update(identity).digest('base64url').slice(0, 27),
    immutable: /[\\/]assets[\\/][^\\/]+-[\w-]{8}\.\w+$/.test(file),
    bodies: {
      identity,
      ...(files.has(`${file}.br`) ? { br: readFileSync(`${file}.br`) } : {}),
      ...(files.has(`${file}.gz`) ? { gzip: readFileSync(`${file}.gz`) } : {}),
    },
  };
}
