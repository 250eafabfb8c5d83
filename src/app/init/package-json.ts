/** package.json as far as `init` looks at it; anything else in it, however odd, is left aside. */
import type { View } from './listing.ts';

export interface Package {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names of runtime dependencies. */
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly main?: string;
  readonly workspaces: boolean;
  readonly packageManager?: string;
}

/** Undefined when there is none, and `broken` when it is no JSON object. */
export function readPackage(view: View, path = 'package.json'): Package | 'broken' | undefined {
  const text = view.text(path);
  if (text === undefined) return view.has(path) ? 'broken' : undefined;
  const value = parse(text);
  return isRecord(value) ? toPackage(value) : 'broken';
}

function toPackage(value: Readonly<Record<string, unknown>>): Package {
  const { main, packageManager } = value;
  return {
    name: typeof value['name'] === 'string' ? value['name'] : '',
    scripts: texts(value['scripts']),
    dependencies: Object.keys(texts(value['dependencies'])),
    devDependencies: Object.keys(texts(value['devDependencies'])),
    workspaces: Array.isArray(value['workspaces']) || isRecord(value['workspaces']),
    ...(typeof main === 'string' ? { main } : {}),
    ...(typeof packageManager === 'string' ? { packageManager } : {}),
  };
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
