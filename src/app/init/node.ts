/** What a folder with a package.json is and how it runs. */
import { baseName, type View } from './listing.ts';
import {
  appServers,
  nodeClients,
  publishedServers,
  serverLibraries,
  siteBuilders,
  type AppServer,
  type PublishedServer,
  type SiteBuilder,
} from './node-frameworks.ts';
import { installCommand, migrationOf, runScript, startOf, type Manager } from './node-commands.ts';
import { readPackage, type Package } from './package-json.ts';
import { emptyPart, guess, quoted, sure, type Client, type Found, type Part, type Remark } from './part.ts';
import { healthIn, heedsPort, mountsIn, nodeSources, portIn, prefixesIn, readsIn } from './source.ts';

/** How a workspace is installed: from its top, with the top's lockfile. */
export interface Workspace {
  readonly top: View;
  readonly manager: Manager;
}

export function nodePart(view: View, dataFolder: string, workspace?: Workspace): Part | undefined {
  const found = readPackage(view);
  if (found === undefined) return undefined;
  if (found === 'broken')
    return {
      ...emptyPart(view.folder, 'server', 'node'),
      remarks: [{ what: 'package.json was left aside', why: 'it cannot be read as JSON', sure: false }],
    };
  return (
    published(view, found, dataFolder) ??
    framework(view, found, workspace) ??
    site(view, found, workspace) ??
    server(view, found, workspace) ??
    unknownProgram(view, found)
  );
}

function base(view: View, found: Package, kind: Part['kind'], workspace: Workspace | undefined): Part {
  const context = workspace === undefined ? {} : { context: workspace.top.folder };
  return {
    ...emptyPart(view.folder, kind, 'node'),
    ...context,
    ...named(view, found),
    prepare: prepareOf(view, found, workspace),
    clients: clientsOf(view, found),
  };
}

function named(view: View, found: Package): { name?: string } {
  return view.folder === '.' && found.name !== '' ? {} : { name: baseName(view.folder) };
}

function prepareOf(view: View, found: Package, workspace: Workspace | undefined): Part['prepare'] {
  const manager = workspace?.manager;
  const install = installCommand(workspace?.top ?? view, found, manager);
  const build = found.scripts['build'];
  const generate =
    usesPrisma(found) && !/prisma generate/.test(Object.values(found.scripts).join('\n'))
      ? [sure('node_modules/.bin/prisma generate', 'Prisma makes its client')]
      : [];
  const steps =
    build === undefined ? [] : [sure(runScript('build', install.manager, workspace && view.folder), 'package.json: scripts.build')];
  const needsInstall = found.dependencies.length + found.devDependencies.length > 0 || workspace !== undefined;
  return [...(needsInstall ? [install.command] : []), ...generate, ...steps];
}

const usesPrisma = (found: Package): boolean =>
  [...found.dependencies, ...found.devDependencies].some((name) => name === 'prisma' || name === '@prisma/client');

function clientsOf(view: View, found: Package): readonly Found<Client>[] {
  const direct = found.dependencies.flatMap((name) => {
    const client = Object.hasOwn(nodeClients, name) ? nodeClients[name] : undefined;
    return client === undefined ? [] : [sure(client, `package.json depends on ${name}`)];
  });
  return [...direct, ...prismaClient(view)];
}

function prismaClient(view: View): readonly Found<Client>[] {
  const schema = view.sources(/\.prisma$/)[0];
  const provider = schema && /provider\s*=\s*"(postgresql|mysql|sqlite|mongodb)"/.exec(schema.text)?.[1];
  const client = ({ postgresql: 'postgres', mysql: 'mysql', sqlite: 'sqlite', mongodb: 'mongodb' } as const)[provider ?? ''] as
    | Client
    | undefined;
  return schema === undefined || client === undefined ? [] : [sure(client, `${schema.path}: provider ${provider}`)];
}

/** A ready-made server whose ways are known, alone in a package. */
function published(view: View, found: Package, dataFolder: string): Part | undefined {
  const [name = ''] = found.dependencies;
  const known = found.dependencies.length === 1 && Object.hasOwn(publishedServers, name) ? publishedServers[name] : undefined;
  if (known === undefined) return undefined;
  const part = base(view, found, 'server', undefined);
  const run = startOf(view, found, undefined, undefined) ?? sure(`node_modules/.bin/${name}`, `${name} is a program of its own`);
  return { ...part, run, ...publishedFacts(name, known, part, dataFolder) };
}

/** A package that depends on one thing, has no code and no scripts: what it depends on must be the program. */
function unknownProgram(view: View, found: Package): Part | undefined {
  const [name] = found.dependencies;
  const alone =
    found.dependencies.length === 1 &&
    found.devDependencies.length === 0 &&
    Object.keys(found.scripts).every((script) => script === 'test');
  if (name === undefined || !alone || view.sources(nodeSources).length > 0 || view.has('index.html')) return undefined;
  if (serverLibraries.has(name) || Object.hasOwn(nodeClients, name)) return undefined;
  return {
    ...base(view, found, 'server', undefined),
    run: guess(`node_modules/.bin/${quoted(baseName(name))}`, `package.json depends on ${name} and nothing else`),
  };
}

function publishedFacts(name: string, known: PublishedServer, part: Part, dataFolder: string): Partial<Part> {
  const folders = Object.fromEntries(
    known.data.map((variable) => [variable, guess(dataFolder, `keeps the data of ${name} outside of the release folder, on this machine`)]),
  );
  const make =
    known.data.length === 0 ? [] : [guess<string | readonly string[]>(['mkdir', '-p', dataFolder], 'makes the folder for the data')];
  return {
    prepare: [...part.prepare, ...make],
    port: sure({ number: known.port, fixed: known.fixed }, `${name} listens on ${known.port}${known.fixed ? ' whatever PORT says' : ''}`),
    health: sure({ path: known.health }, `${name} answers it`),
    variables: folders,
  };
}

/** Frameworks that make a server of their own. */
function framework(view: View, found: Package, workspace: Workspace | undefined): Part | undefined {
  const known = appServers.find(({ dependency }) => found.dependencies.includes(dependency) || found.devDependencies.includes(dependency));
  if (known === undefined || isStaticExport(view, known)) return undefined;
  const part = base(view, found, 'server', workspace);
  const sources = view.sources(nodeSources);
  const start = startOf(view, found, workspace?.manager, workspace && view.folder);
  const health = healthIn(sources, mountsIn(sources)) ?? (known.pages ? guess({ path: '/' }, `${known.title} answers /`) : undefined);
  return {
    ...part,
    run: frameworkStart(found, known) ?? start ?? guess(known.run, `how ${known.title} starts after its build`),
    port: portIn(sources) ?? sure({ number: known.port, fixed: false }, `${known.title} reads PORT and falls back to ${known.port}`),
    ...(health === undefined ? {} : { health }),
    prefixes: known.pages ? [] : prefixesIn(sources),
    ...migration(view, found, workspace),
    reads: readsIn(view),
  };
}

/** Nest's `start` is for development; `start:prod` is the built program. */
function frameworkStart(found: Package, known: AppServer): Part['run'] {
  const script = found.scripts['start:prod'];
  if (known.dependency !== '@nestjs/core' || script === undefined) return undefined;
  return sure(/^node [\w./-]+$/.test(script) ? script : 'npm run start:prod', 'package.json: scripts.start:prod');
}

function isStaticExport(view: View, known: AppServer): boolean {
  return (
    known.dependency === 'next' && view.sources(/^next\.config\.[cm]?[jt]s$/).some(({ text }) => /output\s*:\s*['"]export['"]/.test(text))
  );
}

function site(view: View, found: Package, workspace: Workspace | undefined): Part | undefined {
  const builder = siteBuilderOf(view, found);
  if (builder === undefined || isServer(view, found)) return undefined;
  const part = base(view, found, 'site', workspace);
  const dir = outputOf(view, builder);
  const built = workspace && view.folder !== workspace.top.folder ? `${view.folder}/${dir}` : dir;
  return {
    ...part,
    site: sure({ dir: built, ...(builder.singlePage ? { fallback: 'index.html' } : {}) }, `${builder.title} builds ${dir}`),
    proxied: proxiedBy(view),
    remarks: buildVariables(view),
  };
}

function siteBuilderOf(view: View, found: Package): SiteBuilder | undefined {
  const all = new Set([...found.dependencies, ...found.devDependencies]);
  if (all.has('next')) return { dependency: 'next', title: 'Next.js (static export)', dir: 'out', singlePage: false };
  const builder = siteBuilders.find(({ dependency }) => all.has(dependency));
  return builder?.dependency === 'vite' && view.first('index.html', 'src/index.html', 'client/index.html') === undefined
    ? undefined
    : builder;
}

/** A start script of a site builder is its development server; a server library next to it means a program. */
function isServer(view: View, found: Package): boolean {
  const start = found.scripts['start'] ?? '';
  const listens = /\.listen\(|createServer\(|\bserve\(/;
  const library = found.dependencies.some((name) => serverLibraries.has(name));
  if (/^node\b/.test(start)) return true;
  return library && view.sources(nodeSources).some(({ path, text }) => !/vite\.config|webpack\.config/.test(path) && listens.test(text));
}

function outputOf(view: View, builder: SiteBuilder): string {
  const config = view.sources(/^(vite|astro)\.config\.[cm]?[jt]s$/)[0]?.text ?? '';
  const chosen = /\boutDir\s*:\s*['"`](?:\.\/)?([\w./-]{1,100})['"`]/.exec(config)?.[1];
  if (chosen !== undefined && !chosen.startsWith('..') && !chosen.startsWith('/')) return chosen.replace(/\/$/, '');
  return builder.dependency === '@angular/cli' ? angularOutput(view) : builder.dir;
}

function angularOutput(view: View): string {
  const text = view.text('angular.json') ?? '';
  const path = /"outputPath"\s*:\s*"([\w./-]{1,100})"/.exec(text)?.[1];
  const project = /"projects"\s*:\s*\{\s*"([\w-]{1,60})"/.exec(text)?.[1] ?? 'app';
  return path ?? (/@angular\/build:application|:application"/.test(text) ? `dist/${project}/browser` : `dist/${project}`);
}

/** `proxy: { '/api': 'http://localhost:3000' }` names the paths that belong to the API. */
function proxiedBy(view: View): readonly Found<string>[] {
  const config = view.sources(/^vite\.config\.[cm]?[jt]s$/)[0];
  const proxy = config && /\bproxy\s*:\s*\{([\s\S]{0,2000})/.exec(config.text)?.[1];
  if (proxy === undefined) return [];
  return [...proxy.matchAll(/['"`]\^?(\/[\w.-]{1,60})(?:\/[^'"`]{0,100})?['"`]\s*:/g)].map(([, path]) =>
    sure(path ?? '', `${config?.path}: proxy`),
  );
}

function buildVariables(view: View): readonly Remark[] {
  const text = view
    .sources(nodeSources)
    .map((source) => source.text)
    .join('\n');
  const names = [
    ...new Set(
      [...text.matchAll(/\b(?:import\.meta\.env|process\.env)\.((?:VITE|REACT_APP|PUBLIC)_[A-Z0-9_]{1,60})/g)].map(([, name]) => name),
    ),
  ];
  if (names.length === 0) return [];
  return [
    {
      what: `${names.slice(0, 5).join(', ')} ${names.length === 1 ? 'is' : 'are'} not in the file`,
      why: 'a site reads it when it is built; a path such as /api works on every target without it',
      sure: false,
    },
  ];
}

/** A program that people wrote with a server library, or any package with a start script. */
function server(view: View, found: Package, workspace: Workspace | undefined): Part | undefined {
  const sources = view.sources(nodeSources);
  const run = startOf(view, found, workspace?.manager, workspace && view.folder);
  if (run === undefined) return undefined;
  const mounts = mountsIn(sources);
  const health = healthIn(sources, mounts);
  const port = portIn(sources) ?? (heedsPort(sources) ? guess({ number: 3000, fixed: false }, 'the program reads PORT') : undefined);
  const listens =
    port !== undefined ||
    found.dependencies.some((name) => serverLibraries.has(name)) ||
    sources.some(({ text }) => /\.listen\(/.test(text));
  return {
    ...base(view, found, listens ? 'server' : 'worker', workspace),
    run,
    ...(port === undefined ? {} : { port }),
    ...(health === undefined ? {} : { health }),
    prefixes: prefixesIn(sources),
    ...migration(view, found, workspace),
    reads: readsIn(view),
  };
}

function migration(view: View, found: Package, workspace: Workspace | undefined): Pick<Part, 'migrate'> {
  const migrate = migrationOf(view, found, workspace?.manager, workspace && view.folder);
  return migrate === undefined ? {} : { migrate };
}
