/** The shop's folder as a release finds it: the good one, or with one thing wrong. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Content {
  /** Of the whole release; it is in every answer. */
  readonly edition: string;
  /** Code of `defect.js`. */
  readonly defect?: string;
  /** Files of the service beside those of the good one; null takes one away. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Lines of the service in gantry.yaml, by key. */
  readonly service?: Readonly<Record<string, string>>;
}

export const canaryShare = 5;

/** Times are short: what a release waits for is waited for here again and again. */
export function writeShop(folder: string, { edition, defect = '', files = {}, service = {} }: Content): void {
  const web = join(folder, 'web');
  rmSync(web, { recursive: true, force: true });
  mkdirSync(join(web, 'public'), { recursive: true });
  cpSync(join(import.meta.dirname, 'app/web'), web, { recursive: true });
  const all: Record<string, string | null> = { ...goodFiles(edition), 'defect.js': defect, ...files };
  for (const [name, text] of Object.entries(all)) {
    if (text === null) rmSync(join(web, name), { force: true });
    else writeFileSync(join(web, name), text);
  }
  writeFileSync(join(folder, 'gantry.yaml'), appFile(service));
}

export function pageOf(edition: string, script = `/app-${edition}.js`): string {
  return `<!doctype html><html><head><title>Shop</title><link rel="stylesheet" href="/style-${edition}.css"><script type="module" src="${script}"></script></head><body data-edition="${edition}">Shop</body></html>`;
}

function goodFiles(edition: string): Record<string, string> {
  return {
    'edition.js': `exports.edition = ${JSON.stringify(edition)};\n`,
    'config.json': '{ "greeting": "welcome" }\n',
    'public/index.html': pageOf(edition),
    [`public/app-${edition}.js`]: `console.log(${JSON.stringify(edition)});\n`,
    [`public/style-${edition}.css`]: 'body { margin: 0 }\n',
  };
}

function appFile(service: Readonly<Record<string, string>>): string {
  const keys = {
    build: './web',
    run: 'node server.js',
    migrate: 'node migrate.js',
    port: '3000',
    route: '/',
    health: '{ path: /healthz, interval: 500ms, timeout: 500ms, startup: 4s }',
    scale: '{ min: 2, max: 2 }',
    ...service,
  };
  return `gantry: 1
app: shop
services:
  web:
${Object.entries(keys)
  .map(([key, value]) => `    ${key}: ${value}\n`)
  .join('')}smoke:
  - { get: /, expect: { status: 200, contains: Shop } }
  - { get: /api/health, expect: { status: 200, json: { status: healthy } } }
release: { canary: { share: ${canaryShare}, duration: 4s }, bake: 4s, drain: 2s, grace: 1s }
`;
}
