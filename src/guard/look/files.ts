/** A bounded look at what people wrote: the source files of a service, its package.json, its Dockerfile. Nothing here throws. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../../app/model.ts';
import type { GuardContext } from '../guard.ts';

export interface TextFile {
  /** Relative to the app file, with `/`. */
  readonly path: string;
  /** Read when it is asked for. */
  readonly text: string;
}

/** More of an app is not looked at: rules are a help, and no command may wait for them. */
const bounds = { folders: 1500, foldersOfCheck: 200, files: 1200, bytes: 6 * 1024 * 1024, fileBytes: 256 * 1024, depth: 10 };

const sourceFile = /\.(?:[cm]?[jt]s|py)$/;
const otherFile = /\.d\.[cm]?ts$|\.min\.js$|\.(?:test|spec|config|stories)\.[cm]?[jt]s$|(?:^|_)test\.py$|^test_.*\.py$|^conftest\.py$/;
const otherFolder =
  /^(?:\..*|node_modules|bower_components|dist|build|out|coverage|vendor|venv|env|__pycache__|site-packages|tests?|__tests__|__mocks__|spec|e2e|fixtures?|mocks?|examples?|docs?|public|static|www|templates|views|assets|migrations|scripts|benchmarks?|bench)$/i;

interface Listed {
  readonly name: string;
  isDirectory(): boolean;
  isFile(): boolean;
}

interface Seen {
  /** Folders of the services. */
  readonly services: ReadonlySet<string>;
  readonly folders: Map<string, readonly Listed[]>;
  readonly texts: Map<string, string | undefined>;
  readonly sources: Map<string, readonly TextFile[]>;
  readonly left: { folders: number; files: number; bytes: number };
}

const seen = new WeakMap<GuardContext, Seen>();

function seenBy(context: GuardContext): Seen {
  const known = seen.get(context);
  if (known !== undefined) return known;
  const { foldersOfCheck, files, bytes } = bounds;
  const folders = context.purpose === 'check' ? foldersOfCheck : bounds.folders;
  const services = new Set(Object.values(context.app.services).map(folderOf));
  const fresh: Seen = { services, folders: new Map(), texts: new Map(), sources: new Map(), left: { folders, files, bytes } };
  seen.set(context, fresh);
  return fresh;
}

/** `backend`; empty for the app's own folder. */
export function folderOf({ build }: Service): string {
  const context = build?.context ?? '.';
  return context === '.' ? '' : context;
}

/** `backend/package.json` */
export function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** What lies in a folder of the app; nothing where it cannot be read, and beyond the bounds. */
function listed(context: GuardContext, folder: string): readonly Listed[] {
  const { folders, left } = seenBy(context);
  const known = folders.get(folder);
  if (known !== undefined) return known;
  const found = left.folders > 0 ? readFolder(join(context.folder, folder)) : [];
  left.folders -= 1;
  folders.set(folder, found);
  return found;
}

function readFolder(folder: string): readonly Listed[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Names of the files in a folder of the app. */
export function filesIn(context: GuardContext, folder: string): readonly string[] {
  return listed(context, folder).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}

/** The text of a file of the app; undefined where there is none, or where it is larger than people write. */
export function textOf(context: GuardContext, path: string): string | undefined {
  const { texts } = seenBy(context);
  if (!texts.has(path)) texts.set(path, isListed(context, path) ? readSmall(join(context.folder, path)) : undefined);
  return texts.get(path);
}

/** Most files that are asked for are not there: their folder says so for all of them at once. */
function isListed(context: GuardContext, path: string): boolean {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  return listed(context, path.slice(0, Math.max(slash, 0))).some((entry) => entry.name === name && entry.isFile());
}

function readSmall(file: string): string | undefined {
  try {
    const { size } = statSync(file);
    return size > bounds.fileBytes ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Source files of a service, without tests, built files and what other services have in folders below.
 * @param without a folder that is left out, relative to the service's
 */
export function sourcesOf(context: GuardContext, service: Service, without?: string): readonly TextFile[] {
  const { sources } = seenBy(context);
  const folder = folderOf(service);
  const key = `${folder}:${without ?? ''}`;
  const known = sources.get(key);
  if (known !== undefined) return known;
  const files: TextFile[] = [];
  collect(context, folder, without === undefined ? undefined : within(folder, without), 0, files);
  sources.set(key, files);
  return files;
}

function collect(context: GuardContext, folder: string, without: string | undefined, depth: number, files: TextFile[]): void {
  if (depth > bounds.depth || folder === without) return;
  const inner: string[] = [];
  for (const entry of listed(context, folder)) {
    const path = within(folder, entry.name);
    if (entry.isDirectory() && !otherFolder.test(entry.name) && !seenBy(context).services.has(path)) inner.push(path);
    if (entry.isFile() && sourceFile.test(entry.name) && !otherFile.test(entry.name)) files.push(sourceAt(context, path));
  }
  for (const path of inner) collect(context, path, without, depth + 1, files);
}

/** What is beyond the bounds counts as empty. */
function sourceAt(context: GuardContext, path: string): TextFile {
  let text: string | undefined;
  return {
    path,
    get text() {
      return (text ??= withinBounds(context, path));
    },
  };
}

function withinBounds(context: GuardContext, path: string): string {
  const { left } = seenBy(context);
  if (left.files <= 0 || left.bytes <= 0) return '';
  const text = textOf(context, path) ?? '';
  left.files -= 1;
  left.bytes -= text.length;
  return text;
}

export interface PackageFile {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: ReadonlySet<string>;
  readonly engines: Readonly<Record<string, string>>;
}

/** What a service's package.json says, as far as it is of the expected kind. */
export function packageOf(context: GuardContext, service: Service): PackageFile | undefined {
  const text = textOf(context, within(folderOf(service), 'package.json'));
  try {
    const value = text === undefined ? undefined : (JSON.parse(text) as Readonly<Record<string, unknown>> | null);
    if (value === undefined || value === null) return undefined;
    const { scripts, dependencies, engines } = value;
    return { scripts: texts(scripts), dependencies: new Set(Object.keys(texts(dependencies))), engines: texts(engines) };
  } catch {
    return undefined;
  }
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
