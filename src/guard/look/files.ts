/** A bounded look at what people wrote: the source files of a service, its package.json, its Dockerfile. Nothing here throws. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../../app/model.ts';
import type { GuardContext } from '../guard.ts';

export interface TextFile {
  /** Relative to the app file, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** More of an app is not looked at: rules are a help, and no command may wait for them. */
export const bounds = { folders: 600, files: 1200, bytes: 6 * 1024 * 1024, fileBytes: 256 * 1024, depth: 10 };

const sourceFile = /\.(?:[cm]?[jt]s|py)$/;
const otherFile = /\.d\.[cm]?ts$|\.min\.js$|\.(?:test|spec|config|stories)\.[cm]?[jt]s$|(?:^|_)test\.py$|^test_.*\.py$|^conftest\.py$/;
const otherFolder =
  /^(?:\..*|node_modules|bower_components|dist|build|out|coverage|vendor|venv|env|__pycache__|site-packages|tests?|__tests__|__mocks__|spec|e2e|fixtures?|mocks?|examples?|docs?|public|assets|migrations|scripts|benchmarks?|bench)$/i;

interface Seen {
  readonly texts: Map<string, string | undefined>;
  readonly sources: Map<string, readonly TextFile[]>;
  readonly left: { folders: number; files: number; bytes: number };
}

const seen = new WeakMap<GuardContext, Seen>();

function seenBy(context: GuardContext): Seen {
  const known = seen.get(context);
  if (known !== undefined) return known;
  const { folders, files, bytes } = bounds;
  const fresh: Seen = { texts: new Map(), sources: new Map(), left: { folders, files, bytes } };
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

/** The text of a file of the app; undefined where there is none, or where it is larger than people write. */
export function textOf(context: GuardContext, path: string): string | undefined {
  const { texts } = seenBy(context);
  if (!texts.has(path)) texts.set(path, readSmall(join(context.folder, path)));
  return texts.get(path);
}

function readSmall(file: string): string | undefined {
  try {
    const { size } = statSync(file);
    return size > bounds.fileBytes ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Names in a folder of the app; empty where it cannot be read. */
export function namesIn(context: GuardContext, path: string): readonly string[] {
  try {
    return readdirSync(join(context.folder, path));
  } catch {
    return [];
  }
}

/** Source files of a service, without tests, built files and what other services have in folders below. */
export function sourcesOf(context: GuardContext, service: Service): readonly TextFile[] {
  const { sources, left } = seenBy(context);
  const folder = folderOf(service);
  const known = sources.get(folder);
  if (known !== undefined) return known;
  const others = new Set(
    Object.values(context.app.services)
      .map(folderOf)
      .filter((other) => other !== folder),
  );
  const files: TextFile[] = [];
  collect(context, folder, 0, { others, files, left });
  sources.set(folder, files);
  return files;
}

interface Walk {
  readonly others: ReadonlySet<string>;
  readonly files: TextFile[];
  readonly left: Seen['left'];
}

function collect(context: GuardContext, folder: string, depth: number, walk: Walk): void {
  if (walk.left.folders <= 0 || depth > bounds.depth) return;
  walk.left.folders -= 1;
  const folders: string[] = [];
  for (const entry of entriesOf(join(context.folder, folder))) {
    const path = within(folder, entry.name);
    if (entry.isDirectory() && !otherFolder.test(entry.name) && !walk.others.has(path)) folders.push(path);
    if (entry.isFile() && sourceFile.test(entry.name) && !otherFile.test(entry.name)) take(context, path, walk);
  }
  for (const path of folders) collect(context, path, depth + 1, walk);
}

function entriesOf(folder: string): readonly { readonly name: string; isDirectory(): boolean; isFile(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function take(context: GuardContext, path: string, { files, left }: Walk): void {
  if (left.files <= 0 || left.bytes <= 0) return;
  const text = textOf(context, path);
  if (text === undefined) return;
  left.files -= 1;
  left.bytes -= text.length;
  files.push({ path, text });
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
