/** The rules of the architecture. Each takes all modules and gives one line per violation. */
import { builtinModules } from 'node:module';
import type { Import, Module } from './modules.ts';

export type Rule = (modules: readonly Module[]) => string[];

/** Which layer may import which; `errors` may be imported by all. A path names one file, and `type:` only its types. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  exec: [],
  app: [],
  stack: ['app'],
  targets: ['app', 'stack'],
  builders: ['exec', 'stack', 'type:app/model.ts'],
  engines: ['exec', 'stack', 'type:builders/builder.ts'],
  platforms: ['exec', 'stack'],
  guard: ['app', 'stack', 'exec', 'targets/index.ts', 'targets/target.ts'],
  release: [
    'app',
    'stack',
    'exec',
    'guard',
    'builders/builder.ts',
    'engines/engine.ts',
    'platforms/platform.ts',
    'platforms/store.ts',
    'targets/target.ts',
  ],
  server: ['app', 'stack', 'exec', 'builders', 'engines', 'platforms', 'targets/index.ts', 'targets/target.ts', 'guard', 'release'],
  cli: ['app', 'stack', 'exec', 'builders', 'engines', 'platforms', 'targets/index.ts', 'targets/target.ts', 'guard', 'release', 'server'],
};

/** The process engine speaks to the supervisor, which is a part of the local platform; no other engine knows a platform. */
const processEngine = ['platforms/local/protocol.ts', 'platforms/local/client.ts'];

export const layerArrows: Rule = (modules) =>
  each(modules, (module) =>
    internal(module).flatMap((found) => (allowed(module.path, found) ? [] : `${module.path} imports ${found.target}`)),
  );

function allowed(from: string, { target, kind }: Import): boolean {
  const [own, other] = [layerOf(from), layerOf(target)];
  if (own === other || other === 'errors') return true;
  if (from.startsWith('engines/process/') && processEngine.includes(target)) return true;
  return (arrows[own] ?? []).some((arrow) => arrow === other || arrow === target || (kind === 'type' && arrow === `type:${target}`));
}

/** Siblings do not know each other: what two targets (or engines, builders) share lies in a folder that starts with `_`. */
export const noSiblings: Rule = (modules) =>
  each(modules, (module) =>
    internal(module).flatMap((found) => (isSibling(module.path, found.target) ? `${module.path} imports ${found.target}` : [])),
  );

function isSibling(from: string, target: string): boolean {
  const [own, other] = [from.split('/'), target.split('/')];
  const layer = own[0] ?? '';
  if (!['targets', 'engines', 'builders', 'platforms'].includes(layer) || layer !== other[0]) return false;
  return own.length > 2 && other.length > 2 && own[1] !== other[1] && !other[1]?.startsWith('_');
}

const pureLayers = ['app', 'stack', 'targets'];
const impureNames = [
  'process',
  'performance',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'Date.now',
  'Math.random',
  'new Date()',
  'crypto',
  'globalThis',
];

/** What the pure layers load, directly or not, touches no disk, no process, no clock and no chance. */
export const purity: Rule = (modules) =>
  closure(
    modules,
    modules.filter(({ path }) => pureLayers.includes(layerOf(path))),
  ).flatMap((module) => [
    ...module.imports.filter(isImpure).map(({ target }) => `${module.path} imports ${target}`),
    ...module.uses.filter((use) => impureNames.includes(use)).map((use) => `${module.path} uses ${use}`),
  ]);

function isImpure({ target, kind, names }: Import): boolean {
  if (kind === 'type' || !isBuiltin(target)) return false;
  return !(target === 'node:crypto' && names.length > 0 && names.every((name) => name === 'createHash'));
}

const providerWords = new Set(
  'aws amazon azure aks ecs eks ec2 fargate rds cloudfront route53 gcp gke gcloud digitalocean doctl hetzner linode vultr heroku'.split(
    ' ',
  ),
);
const providerFolders = ['targets', 'engines', 'platforms'];

/** Comments count too: what names a provider belongs where providers live. */
export const noProviderWords: Rule = (modules) =>
  each(modules, ({ path, source }) =>
    providerFolders.includes(layerOf(path))
      ? []
      : [...new Set(words(source))].filter((word) => providerWords.has(word)).map((word) => `${path} says ${word}`),
  );

/** `awsRegion`, `AWS_REGION` and `aws-region` all have the word `aws`. */
function words(source: string): string[] {
  return (
    source
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z][a-z0-9]*/g) ?? []
  );
}

const exits = ['process.exit', 'process.reallyExit', 'process.abort'];

export const oneExit: Rule = (modules) => {
  const found = each(modules, ({ path, uses }) => uses.filter((use) => exits.includes(use)).map((use) => `${path} uses ${use}`));
  return found.filter((line, index) => line !== 'cli/main.ts uses process.exit' || found.indexOf(line) !== index);
};

/** Importing `process` would get round the rules about it. */
export const oneSpawn: Rule = (modules) =>
  each(modules, ({ path, imports }) =>
    imports
      .filter(({ target, kind }) => kind !== 'type' && /^(node:)?(child_process|process)$/.test(target))
      .filter(({ target }) => !(path === 'exec/exec.ts' && target === 'node:child_process'))
      .map(({ target }) => `${path} imports ${target}`),
  );

/** The pure layers start nothing; there, a key of that name means something else. */
export const noShell: Rule = (modules) =>
  each(modules, ({ path, uses }) => (uses.includes('shell: true') && !pureLayers.includes(layerOf(path)) ? [`${path} uses a shell`] : []));

/** What a dynamic import reaches is loaded later, when all modules of the ring exist; it closes no cycle. */
export const noCycles: Rule = (modules) => {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (module: Module, trail: readonly string[]): void => {
    const start = trail.indexOf(module.path);
    if (start >= 0) found.push([...trail.slice(start), module.path].join(' -> '));
    if (start >= 0 || done.has(module.path)) return;
    for (const next of loadedBy(module, byPath)) walk(next, [...trail, module.path]);
    done.add(module.path);
  };
  for (const module of modules) walk(module, []);
  return found;
};

function loadedBy(module: Module, byPath: ReadonlyMap<string, Module>): Module[] {
  return module.imports.filter(({ kind }) => kind === 'value').flatMap(({ target }) => byPath.get(target) ?? []);
}

/** Only the command line and the server bring the release machine and the list of targets together. */
export const oneMeetingPlace: Rule = (modules) =>
  each(modules, (module) => {
    const targets = internal(module).map(({ target }) => target);
    const both = targets.includes('targets/index.ts') && targets.some((target) => target.startsWith('release/'));
    return both && !['cli', 'server'].includes(layerOf(module.path)) ? [`${module.path} imports release/ and targets/index.ts`] : [];
  });

const longest = 400;

export const shortFiles: Rule = (modules) =>
  each(modules, ({ path, source }) => {
    if (path.includes('.generated.')) return [];
    const lines = source.trimEnd().split('\n').length;
    return lines > longest ? [`${path} has ${lines} lines`] : [];
  });

/** A path that does not exist would make every other rule blind to what it stands for. */
export const everythingResolves: Rule = (modules) => {
  const known = new Set(modules.map(({ path }) => path));
  return each(modules, (module) =>
    module.imports
      .filter(({ target, internal: own }) => target === '<computed>' || (own && !known.has(target)))
      .map(({ target }) => `${module.path} imports ${target}`),
  );
};

function each(modules: readonly Module[], check: (module: Module) => readonly string[]): string[] {
  return modules.flatMap((module) => [...check(module)]);
}

function internal(module: Module): Import[] {
  return module.imports.filter((found) => found.internal);
}

function layerOf(path: string): string {
  return path.split('/')[0]?.replace(/\.ts$/, '') ?? '';
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}

/** The given modules and all that they load at once; what a target loads on demand is its own too. */
function closure(modules: readonly Module[], roots: readonly Module[]): Module[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const reached = new Set(roots);
  for (const module of reached) {
    for (const { target, kind } of module.imports) {
      const next = kind === 'type' ? undefined : byPath.get(target);
      if (next) reached.add(next);
    }
  }
  return [...reached];
}
