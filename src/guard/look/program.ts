/** Which of a service's files run in its replicas: a browser's code lies beside the server's in many folders. */
import type { Service } from '../../app/model.ts';
import { programOf, startsNode } from '../../stack/programs.ts';
import type { GuardContext } from '../guard.ts';
import { folderOf, packageOf, sourcesOf, textOf, within, type PackageFile, type TextFile } from './files.ts';

const starters = new Set(['node', 'nodejs', 'tsx', 'ts-node']);
const managers = new Set(['npm', 'pnpm', 'yarn']);
/** Their `src/` is the browser's. */
const browserTools = ['react-scripts', '@angular/core', '@vue/cli-service', 'preact-cli'];

/** From the program's first file along its imports; where that is not to be seen, everything but the browser's part. */
export function serverFiles(context: GuardContext, service: Service): readonly TextFile[] {
  const description = packageOf(context, service);
  const language = languageOf(service, description);
  const files = sourcesOf(context, service, browserFolder(context, service, description)).filter(
    ({ path }) => language?.test(path) === true,
  );
  const entry = entryOf(service.run ?? [], description, 0);
  const start = entry === undefined ? undefined : files.find(({ path }) => matches(path, within(folderOf(service), entry)));
  return start === undefined ? files.filter(({ path }) => !browserPart.test(path)) : reached(start, files);
}

const script = /\.[cm]?[jt]s$/;
const python = /\.py$/;
const pythonProgram = /^(?:python[\d.]*|gunicorn|uvicorn|hypercorn|daphne|flask|fastapi|waitress-serve|uv|poetry)$/;
const otherScripts = /^(?:bun|deno|ts-node)$/;
const browserPart = /(?:^|\/)(?:client|browser|frontend|ui|components|hooks)\//i;

/** Files of another language than the program's are for browsers, or for tools. */
function languageOf({ run }: Service, description: PackageFile | undefined): RegExp | undefined {
  if (run === undefined) return description === undefined ? python : script;
  const program = programOf(run);
  const base = program.slice(program.lastIndexOf('/') + 1);
  if (startsNode(run) || otherScripts.test(base)) return script;
  return pythonProgram.test(base) ? python : undefined;
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

/** Where the browser's part lies, relative to the service's folder: its page says from where it loads its program. */
function browserFolder(context: GuardContext, service: Service, description: PackageFile | undefined): string | undefined {
  if (browserTools.some((tool) => description?.dependencies.has(tool) === true)) return 'src';
  const page = textOf(context, within(folderOf(service), 'index.html')) ?? '';
  return /<script[^>]+src=["']?\.?\/?([\w-]+)\/[^"'>\s]+/.exec(page)?.[1];
}
