/** The commands of a Node package: install, build, start, migrate. */
import { splitWords } from '../words.ts';
import type { View } from './listing.ts';
import { serverLibraries } from './node-frameworks.ts';
import type { Package } from './package-json.ts';
import { guess, quoted, sure, type CommandLine, type Found } from './part.ts';
import { nodeSources } from './source.ts';

export type Manager = 'npm' | 'yarn' | 'pnpm' | 'bun';

export interface Install {
  readonly manager: Manager;
  readonly command: Found<CommandLine>;
}

const lockfiles: readonly (readonly [file: string, manager: Manager, command: string])[] = [
  ['package-lock.json', 'npm', 'npm ci'],
  ['npm-shrinkwrap.json', 'npm', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn', 'yarn install --frozen-lockfile'],
  ['bun.lock', 'bun', 'bun install --frozen-lockfile'],
  ['bun.lockb', 'bun', 'bun install --frozen-lockfile'],
];

export function installCommand(view: View, found: Package, known?: Manager): Install {
  const present = lockfiles.filter(([file]) => view.has(file));
  const declared = /^(npm|pnpm|yarn|bun)@/.exec(found.packageManager ?? '')?.[1];
  const chosen = present.find(([, manager]) => manager === (declared ?? known)) ?? present[0];
  if (chosen === undefined) return withoutLockfile(declared);
  const [file, manager, command] = chosen;
  const conflict = present.some((other) => other[1] !== manager);
  const line = manager === 'yarn' && isModernYarn(view, found) ? 'yarn install --immutable' : command;
  return {
    manager,
    command: conflict ? guess(line, `${present.map(([name]) => name).join(' and ')} are both there; ${file} was taken`) : sure(line, file),
  };
}

function withoutLockfile(declared: string | undefined): Install {
  const manager = (declared ?? 'npm') as Manager;
  return { manager, command: guess(`${manager} install`, 'there is no lockfile: commit one, and every build takes the same versions') };
}

function isModernYarn(view: View, found: Package): boolean {
  return view.has('.yarnrc.yml') || /^yarn@([2-9]|\d\d)/.test(found.packageManager ?? '');
}

/** `npm run build`; in a workspace, `npm run build --workspace frontend`. */
export function runScript(script: string, manager: Manager = 'npm', workspace?: string): string {
  if (workspace === undefined || workspace === '.') return script === 'start' ? `${manager} start` : `${manager} run ${script}`;
  const folder = quoted(workspace);
  const forms: Record<Manager, string> = {
    npm: `npm run ${script} --workspace ${folder}`,
    pnpm: `pnpm --dir ${folder} run ${script}`,
    yarn: `yarn --cwd ${folder} run ${script}`,
    bun: `bun run --cwd ${folder} ${script}`,
  };
  return forms[manager];
}

const entries = [
  'server.js',
  'server.mjs',
  'index.js',
  'index.mjs',
  'app.js',
  'main.js',
  'src/server.js',
  'src/index.js',
  'src/app.js',
  'src/main.js',
  'bin/www',
];

/** How the package starts: its start script, the plain command inside of it, or the file that looks like the program. */
export function startOf(
  view: View,
  found: Package,
  manager: Manager | undefined,
  workspace: string | undefined,
): Found<CommandLine> | undefined {
  const script = found.scripts['start'];
  if (script !== undefined) return started(view, found, script, manager, workspace);
  const entry = view.first(...(found.main === undefined ? [] : [found.main.replace(/^\.\//, '')]), ...entries);
  return entry !== undefined && looksLikeProgram(view, found, entry)
    ? guess(`node ${quoted(inWorkspace(entry, workspace))}`, `package.json has no start script; ${entry} looks like the program`)
    : undefined;
}

/** A start script that only calls node needs no npm around it: signals reach the program directly, and memory is saved. */
function started(
  view: View,
  found: Package,
  script: string,
  manager: Manager | undefined,
  workspace: string | undefined,
): Found<CommandLine> {
  const own = manager ?? installCommand(view, found).manager;
  const plain = /^node(?: --[\w-]+(?:=[\w./-]+)?)* (?:\.\/)?[\w./-]+$/.test(script) && 'words' in splitWords(script);
  if (plain && workspace === undefined) return sure(script.replace(/ \.\//, ' '), 'package.json: scripts.start');
  const development = /\b(nodemon|ts-node-dev|tsx watch|next dev|vite|webpack-dev-server|react-scripts start|nest start --watch)\b/.test(
    script,
  );
  const command = runScript('start', own, workspace);
  return development
    ? guess(command, `scripts.start is made for development (${script.slice(0, 60)})`)
    : sure(command, 'package.json: scripts.start');
}

function looksLikeProgram(view: View, found: Package, entry: string): boolean {
  const text = view.text(entry) ?? '';
  const listens = view.sources(nodeSources).some((source) => /\.listen\(|createServer\(/.test(source.text));
  return listens || /\.listen\(/.test(text) || found.dependencies.some((name) => serverLibraries.has(name));
}

function inWorkspace(entry: string, workspace: string | undefined): string {
  return workspace === undefined || workspace === '.' ? entry : `${workspace}/${entry}`;
}

const migrationScripts = [
  'migrate:deploy',
  'db:migrate:deploy',
  'migration:run',
  'migrations:run',
  'db:migrate',
  'migrate',
  'migrate:up',
  'migrate:latest',
  'db:deploy',
];
const migrationTools: readonly (readonly [dependency: string, sign: RegExp, command: string])[] = [
  ['prisma', /(^|\/)prisma\/migrations\//, 'node_modules/.bin/prisma migrate deploy'],
  ['knex', /^knexfile\.[cm]?[jt]s$/, 'node_modules/.bin/knex migrate:latest'],
  ['drizzle-kit', /^drizzle\.config\.[cm]?[jt]s$/, 'node_modules/.bin/drizzle-kit migrate'],
  ['sequelize-cli', /^migrations\//, 'node_modules/.bin/sequelize-cli db:migrate'],
  ['node-pg-migrate', /^migrations\//, 'node_modules/.bin/node-pg-migrate up'],
];

export function migrationOf(
  view: View,
  found: Package,
  manager: Manager | undefined,
  workspace: string | undefined,
): Found<CommandLine> | undefined {
  const script = migrationScripts.find((name) => found.scripts[name] !== undefined);
  if (script !== undefined) return migrationScript(view, found, script, manager, workspace);
  const all = [...found.dependencies, ...found.devDependencies];
  const tool = migrationTools.find(([dependency, sign]) => all.includes(dependency) && view.paths().some((path) => sign.test(path)));
  return tool === undefined ? undefined : sure(tool[2], `${tool[0]} and its migrations are there`);
}

function migrationScript(
  view: View,
  found: Package,
  script: string,
  manager: Manager | undefined,
  workspace: string | undefined,
): Found<CommandLine> {
  const text = found.scripts[script] ?? '';
  if (/\bmigrate dev\b/.test(text))
    return guess('node_modules/.bin/prisma migrate deploy', `scripts.${script} is made for development (${text.slice(0, 40)})`);
  return sure(runScript(script, manager ?? installCommand(view, found).manager, workspace), `package.json: scripts.${script}`);
}
