/** From parts to an app: names, routes, resources, and who needs what. */
import { reserved } from '../rules/names.ts';
import { imageMajor, type Compose, type ComposeService } from './compose.ts';
import { baseName } from './listing.ts';
import { guess, sure, type Found, type Part, type Read, type Remark } from './part.ts';
import { routesOf } from './routes.ts';
import { asksFor, settingsOf, type ResourceGuess, type ResourceType, type Settings } from './settings.ts';

export interface ServiceGuess {
  readonly name: string;
  readonly part: Part;
  readonly route?: Found<string>;
  readonly replicas?: Found<number>;
  readonly settings: Settings;
}

export interface AppGuess {
  readonly name: Found<string>;
  readonly services: readonly ServiceGuess[];
  readonly resources: readonly ResourceGuess[];
  readonly remarks: readonly Remark[];
}

const defaultVersions: Readonly<Record<ResourceType, number>> = { postgres: 17, redis: 7 };
const defaultNames: Readonly<Record<ResourceType, string>> = { postgres: 'db', redis: 'cache' };

export function combine(folder: string, packageName: string | undefined, parts: readonly Part[], compose: Compose | undefined): AppGuess {
  const names = namesOf(parts, compose);
  const resources = resourcesOf(parts, compose, new Set(names));
  const routes = routesOf(parts, names);
  const linked = new Set<string>();
  const services = parts.map((part, index) => toService(part, index, { parts, names, routes, resources, compose, linked }));
  const appName = toName(packageName ?? '') ?? toName(baseName(folder)) ?? 'app';
  return {
    name: sure(appName, packageName !== undefined && toName(packageName) === appName ? 'package.json: name' : 'the name of the folder'),
    services,
    resources,
    remarks: [...(compose?.remarks ?? []), ...parts.flatMap(remarksOn), ...services.flatMap(({ settings }) => settings.remarks)],
  };
}

interface Everything {
  readonly parts: readonly Part[];
  readonly names: readonly string[];
  readonly routes: readonly (Found<string> | undefined)[];
  readonly resources: readonly ResourceGuess[];
  readonly compose: Compose | undefined;
  /** `a->b` for every reference from one service to another: two must not refer to each other. */
  readonly linked: Set<string>;
}

function toService(part: Part, index: number, all: Everything): ServiceGuess {
  const name = all.names[index] ?? 'web';
  const others = all.parts.flatMap((other, at) => {
    const otherName = all.names[at] ?? '';
    const usable = at !== index && other.kind === 'server' && !all.linked.has(`${otherName}->${name}`);
    return usable ? [{ name: otherName, port: other.port?.value.number, composeName: entryOf(other, all.compose)?.name }] : [];
  });
  const settings =
    part.kind === 'site'
      ? { variables: {}, secrets: [], remarks: [] }
      : settingsOf(part, { resources: all.resources, compose: all.compose, entry: entryOf(part, all.compose), others });
  for (const other of others)
    if (Object.values(settings.variables).some(({ value }) => value.includes(`\${${other.name}.`)))
      all.linked.add(`${name}->${other.name}`);
  const route = all.routes[index];
  const replicas = replicasOf(part, settings, all.resources);
  return {
    name,
    part: withComposePort(part, all.compose),
    settings,
    ...(route === undefined ? {} : { route }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}

export function entryOf(part: Part, compose: Compose | undefined): ComposeService | undefined {
  return compose?.services.find(({ folder }) => folder === part.folder);
}

function withComposePort(part: Part, compose: Compose | undefined): Part {
  const entry = entryOf(part, compose);
  if (part.kind === 'site' || part.port !== undefined || entry?.port === undefined) return part;
  return { ...part, kind: 'server', port: guess({ number: entry.port, fixed: false }, `${compose?.file}: ports of ${entry.name}`) };
}

/** Programs that keep what they know in a database can run twice; of others nobody knows. */
function replicasOf(part: Part, settings: Settings, resources: readonly ResourceGuess[]): Found<number> | undefined {
  if (part.kind !== 'server' || (part.port?.value.fixed === true && part.runtime !== 'node')) return undefined;
  if (part.clients.some(({ value }) => value === 'sqlite')) return sure(1, 'a database in a file belongs to one process');
  const shared = resources.find(({ name }) => Object.values(settings.variables).some(({ value }) => value.includes(`\${${name}.`)));
  return shared === undefined ? undefined : guess(2, `it keeps its data in ${shared.name}; write 1 if it also keeps some in memory`);
}

/** Names that the schema accepts, each once among services and resources. */
function namesOf(parts: readonly Part[], compose: Compose | undefined): readonly string[] {
  const taken = new Set<string>();
  return parts.map((part) => {
    const usual =
      part.kind === 'worker' ? 'worker' : part.kind === 'site' ? 'site' : parts.some(({ kind }) => kind === 'site') ? 'api' : 'web';
    return unused(toName(part.name ?? '') ?? toName(entryOf(part, compose)?.name ?? '') ?? usual, taken);
  });
}

function unused(wanted: string, taken: Set<string>): string {
  const free =
    [wanted, ...Array.from({ length: 98 }, (_, index) => `${wanted.slice(0, 36)}-${index + 2}`)].find((name) => !taken.has(name)) ?? wanted;
  taken.add(free);
  return free;
}

/** `@Shop/Web App` -> `web-app`; undefined when nothing is left. */
export function toName(text: string): string | undefined {
  const name = text
    .slice(0, 200)
    .replace(/^@[^/]*\//, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  if (name === '') return undefined;
  return reserved.has(name) ? `${name}-app` : name;
}

function resourcesOf(parts: readonly Part[], compose: Compose | undefined, taken: ReadonlySet<string>): readonly ResourceGuess[] {
  const names = new Set(taken);
  return (['postgres', 'redis'] as const).flatMap((type) => {
    const entry = compose?.services.find(({ kind }) => kind === type);
    const why = entry === undefined ? needFor(type, parts) : `${compose?.file}: ${entry.name} runs ${entry.image}`;
    if (why === undefined) return [];
    const name = unused(toName(entry?.name ?? '') ?? defaultNames[type], names);
    return [{ name, type, why, version: versionOf(type, entry, compose) }];
  });
}

function versionOf(type: ResourceType, entry: ComposeService | undefined, compose: Compose | undefined): Found<number> {
  const usual = defaultVersions[type];
  const wanted = imageMajor(entry?.image);
  if (wanted === undefined || wanted === usual)
    return sure(usual, wanted === undefined ? 'the version that runs everywhere' : `${compose?.file}`);
  return guess(
    usual,
    `${compose?.file} says ${wanted}; ${usual} is what ${type === 'postgres' ? 'Gantry brings' : 'most machines have'} where there are no containers`,
  );
}

/** A client library, or a variable that can mean nothing else. */
function needFor(type: ResourceType, parts: readonly Part[]): string | undefined {
  const client = parts.flatMap(({ clients }) => clients).find(({ value }) => value === type);
  if (client !== undefined) return client.why;
  const others = new Set(parts.flatMap(({ clients }) => clients).map(({ value }) => value));
  const read = parts
    .flatMap((part) => part.reads)
    .find((one) => means(type, one, others.has('mysql') || others.has('mongodb') || others.has('sqlite')));
  return read === undefined ? undefined : `${read.where} reads ${read.name}`;
}

function means(type: ResourceType, { name, fallback = '' }: Read, otherDatabase: boolean): boolean {
  if (type === 'redis') return /^(REDIS|VALKEY)/.test(name) && asksFor(name)?.type === 'redis';
  if (/^postgres(ql)?(\+\w+)?:/.test(fallback)) return true;
  return (
    !otherDatabase &&
    asksFor(name)?.type === 'postgres' &&
    /^(PG|POSTGRES|PSQL|DATABASE_URL$)/.test(name) &&
    !/^(mysql|mongodb|sqlite|file):/.test(fallback)
  );
}

const databases: Readonly<Record<string, string>> = { mysql: 'MySQL', mongodb: 'MongoDB' };

function remarksOn(part: Part): readonly Remark[] {
  const stores = part.clients.flatMap(({ value, why }): readonly Remark[] => {
    if (value === 'sqlite')
      return [
        {
          what: 'the data would be lost with every release',
          why: `${why}, and a file in the release folder is replaced with it: use PostgreSQL, or a path outside of the folder`,
          sure: false,
        },
      ];
    const title = databases[value];
    return title === undefined
      ? []
      : [
          {
            what: `${title} is not provided`,
            why: `${why}, and Gantry provides postgres and redis: run ${title} yourself, and enter its address with \`gantry secret set\``,
            sure: false,
          },
        ];
  });
  return [...part.remarks, ...stores.filter(({ what }, index) => stores.findIndex((one) => one.what === what) === index)];
}
