/** Which of a service's files run in its replicas: a browser's code lies beside the server's in many folders. */
import type { Service } from '../../app/model.ts';
import { programOf } from '../../stack/programs.ts';
import type { GuardContext } from '../guard.ts';
import { folderOf, packageOf, sourcesOf, textOf, within, type PackageFile, type TextFile } from './files.ts';

const starters = new Set(['node', 'nodejs', 'tsx', 'ts-node']);
const managers = new Set(['npm', 'pnpm', 'yarn']);
/** Their `src/` is the browser's. */
const browserTools = ['react-scripts', '@angular/core', '@vue/cli-service', 'preact-cli'];

/** From the program's first file along its imports; where that is not to be seen, everything but the browser's part. */
export function serverFiles(context: GuardContext, service: Service): readonly TextFile[] {
  const files = sourcesOf(context, service);
  const description = packageOf(context, service);
  const entry = entryOf(service.run ?? [], description, 0);
  const start = entry === undefined ? undefined : files.find(({ path }) => matches(path, within(folderOf(service), entry)));
  return start === undefined ? withoutBrowser(context, service, files, description) : reached(start, files);
}

/** `npm run start` is looked up in package.json. */
function entryOf(words: readonly string[], description: PackageFile | undefined, depth: number): string | undefined {
  const program = programOf(words);
  const rest = words.slice(words.indexOf(program) + 1);
  const base = program.slice(program.lastIndexOf('/') + 1);
  const [first] = rest.filter((word) => !word.startsWith('-'));
  if (starters.has(base)) return first?.replace(/^\.\//, '');
  if (!managers.has(base) || depth > 2) return undefined;
  const script = description?.scripts[(first === 'run' ? rest.filter((word) => !word.startsWith('-'))[1] : first) ?? ''];
  return script === undefined || /[&|;]/.test(script) ? undefined : entryOf(script.split(/\s+/), description, depth + 1);
}

/** `server` may be `server.js` or `server/index.js`. */
function matches(path: string, wanted: string): boolean {
  if (path === wanted) return true;
  const stem = wanted.replace(/\.[cm]?js$/, '');
  return path.startsWith(stem) && /^(?:\/index)?\.[cm]?[jt]s$/.test(path.slice(stem.length));
}

const relative = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}\/[^'"\n]*|\.{1,2})['"]/g;

function reached(start: TextFile, files: readonly TextFile[]): readonly TextFile[] {
  const found = new Set([start]);
  for (const file of found) {
    for (const [, target = ''] of file.text.matchAll(relative)) {
      const wanted = resolved(file.path, target);
      const next = files.find(({ path }) => matches(path, wanted));
      if (next !== undefined) found.add(next);
    }
  }
  return [...found];
}

function resolved(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function withoutBrowser(
  context: GuardContext,
  service: Service,
  files: readonly TextFile[],
  description: PackageFile | undefined,
): readonly TextFile[] {
  const folder = folderOf(service);
  const page = textOf(context, within(folder, 'index.html')) ?? '';
  const [, script] = /<script[^>]+src=["']?\.?\/?([\w-]+)\/[^"'>\s]+/.exec(page) ?? [];
  const browser = browserTools.some((tool) => description?.dependencies.has(tool) === true) ? 'src' : script;
  if (browser === undefined) return files;
  return files.filter(({ path }) => !path.startsWith(`${within(folder, browser)}/`));
}
