/** Reading program text by its customs: ports, health paths, routes, variables. No parser: a hint that is wrong is shown as a guess. */
import type { Source, View } from './listing.ts';
import { guess, sure, type Found, type Part, type Read } from './part.ts';

export const nodeSources = /\.([cm]?[jt]s|[jt]sx)$|(^|\/)bin\/www$/;
export const pythonSources = /\.py$/;
export const goSources = /\.go$/;

interface Hit {
  readonly groups: readonly (string | undefined)[];
  readonly source: Source;
}

export function firstHit(sources: readonly Source[], ...patterns: readonly RegExp[]): Hit | undefined {
  for (const pattern of patterns) {
    for (const source of sources) {
      const match = pattern.exec(source.text);
      if (match) return { groups: match.slice(1), source };
    }
  }
  return undefined;
}

export function allHits(sources: readonly Source[], pattern: RegExp): readonly Hit[] {
  return sources.flatMap((source) => [...source.text.matchAll(pattern)].map((match) => ({ groups: match.slice(1), source })));
}

const readsPort = [
  /(?:process\.env(?:\.PORT|\[['"]PORT['"]\])|os\.Getenv\("PORT"\)|(?:environ\.get|getenv)\(\s*['"]PORT['"])\)?[^\n]{0,24}?(?:\|\||\?\?|,|or)\s*\(?['"`]?:?(\d{2,5})\b/,
  /\{[^{}\n]{0,400}?\bPORT\s*=\s*['"]?(\d{2,5})['"]?[^{}\n]{0,400}\}\s*=\s*(?:process\.)?env\b/,
];
const mentionsPort =
  /process\.env(?:\.PORT\b|\[['"]PORT['"]\])|\bPORT\b[^{}\n]{0,400}\}\s*=\s*(?:process\.)?env\b|Getenv\("PORT"\)|environ(?:\.get\(|\[)\s*['"]PORT['"]|getenv\(\s*['"]PORT['"]|\benv\.PORT\b/;
const writesPort = [
  /\.listen\(\s*(\d{2,5})\b/,
  /\.listen\(\s*\{[^{}]{0,200}?\bport\s*:\s*(\d{2,5})\b/,
  /\bserve\(\s*\{[^{}]{0,200}?\bport\s*:\s*(\d{2,5})\b/,
  /\b(?:const|let|var)\s+(?:port|PORT|serverPort|SERVER_PORT)\s*(?::\s*number)?\s*=\s*(\d{2,5})\b/,
  /ListenAndServe\(\s*"[^":\n]{0,60}:(\d{2,5})"/,
  /\.Run\(\s*"[^":\n]{0,60}:(\d{2,5})"/,
  /\.(?:Start|Listen)\(\s*"[^":\n]{0,60}:(\d{2,5})"/,
  /\.run\([^()\n]{0,200}?\bport\s*=\s*(\d{2,5})\b/,
];

/** The port that a program listens on, and whether it heeds PORT. */
export function portIn(sources: readonly Source[]): Part['port'] {
  const read = firstHit(sources, ...readsPort);
  const readNumber = portNumber(read?.groups[0]);
  if (read && readNumber)
    return sure({ number: readNumber, fixed: false }, `${read.source.path} reads PORT and falls back to ${readNumber}`);
  const mention = firstHit(sources, mentionsPort);
  const written = firstHit(sources, ...writesPort);
  const writtenNumber = portNumber(written?.groups[0]);
  if (mention) return writtenNumber ? guess({ number: writtenNumber, fixed: false }, `${mention.source.path} reads PORT`) : undefined;
  if (written && writtenNumber)
    return sure({ number: writtenNumber, fixed: true }, `${written.source.path} listens on ${writtenNumber} and does not read PORT`);
  return undefined;
}

/** Whether the program takes its port from PORT, wherever its default comes from. */
export function heedsPort(sources: readonly Source[]): boolean {
  return firstHit(sources, mentionsPort) !== undefined;
}

export function portNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= 65_535 ? number : undefined;
}

/** A path in quotes that nobody fetches, or the argument of a decorator. */
const healthLiteral =
  /(?:(?<!fetch\()['"`](?:GET )?(\/(?:[\w-]{1,40}\/){0,3}(?:health|healthz|healthcheck|health-check|ready|readyz|readiness|live|livez|liveness|heartbeat|_health)(?:\/(?:ready|live|readiness|liveness))?)\/?['"`]|@(?:Controller|Get)\(\s*['"`]\/?(health|healthz|ready|live)['"`])/g;
const readyNames = /(ready|readyz|readiness)$/;
const liveNames = /(live|livez|liveness)$/;

/** The health paths that a program answers. A path of a router that is mounted elsewhere gets the prefix of its mount. */
export function healthIn(sources: readonly Source[], mounts: readonly string[]): Part['health'] {
  const hits = allHits(sources, healthLiteral).map(({ groups, source }) => ({
    path: `/${(groups[0] ?? groups[1] ?? '').replace(/^\//, '')}`,
    source,
  }));
  const chosen = hits.find(({ path }) => readyNames.test(path)) ?? hits.find(({ path }) => !liveNames.test(path));
  if (chosen === undefined) return undefined;
  const live = hits.find(({ path }) => liveNames.test(path))?.path;
  const [mount] = mounts;
  const mounted = mounts.length === 1 && mount !== undefined && isRouter(chosen.source) && !chosen.path.startsWith(`${mount}/`);
  if (mounted)
    return guess({ path: `${mount}${chosen.path}` }, `${chosen.source.path} answers ${chosen.path}, and its router is mounted at ${mount}`);
  return sure({ path: chosen.path, ...(live === undefined ? {} : { live }) }, `found in ${chosen.source.path}`);
}

function isRouter({ text }: Source): boolean {
  return /\brouter\.(get|all|use)\(|APIRouter\(|Blueprint\(|@Controller\(/.test(text) && !/\bapp\.(get|all)\(/.test(text);
}

const registrations: readonly RegExp[] = [
  /\b(?:app|server|fastify|api|instance|hono)\.(?:get|post|put|patch|delete|all|use|route|register)\(\s*['"`](\/[^'"`\s]{0,200})['"`]/g,
  /\bprefix\s*[:=]\s*['"`](\/[^'"`\s]{0,200})['"`]/g,
  /\bsetGlobalPrefix\(\s*['"`]\/?([^'"`\s]{1,200})['"`]/g,
  /['"`](?:GET|POST|PUT|PATCH|DELETE) (\/[^'"`\s]{0,200})['"`]/g,
  /@\w+\.(?:route|get|post|put|patch|delete)\(\s*['"](\/[^'"\s]{0,200})['"]/g,
  /\bpath\(\s*r?['"]([^'"\s]{1,200})['"]/g,
  /\b(?:HandleFunc|Handle|GET|POST|PUT|PATCH|DELETE|Group|Get|Post|Put|Delete|Route)\(\s*"(?:GET |POST |PUT |PATCH |DELETE )?(\/[^"\s]{0,200})"/g,
  /\burl(?:\.pathname)?\s*={2,3}\s*['"`](\/[^'"`\s]{1,200})['"`]/g,
  /['"`](\/[\w./-]{1,200})['"`]\s*:\s*(?:async\b|function\b|\([\w\s,{}]{0,100}\)\s*=>|\w+\s*=>)/g,
  /\bcase\s+['"`](?:(?:GET|POST|PUT|PATCH|DELETE) )?(\/[^'"`\s]{1,200})['"`]\s*:/g,
];

/** First segments of the paths that the program answers, each once: `/api`, `/stats`. Probes are not counted. */
export function prefixesIn(sources: readonly Source[]): readonly Found<string>[] {
  const found = new Map<string, Found<string>>();
  for (const hit of registrations.flatMap((pattern) => allHits(sources, pattern))) {
    const segment = firstSegment(hit.groups[0] ?? '');
    if (segment !== undefined && !found.has(segment)) found.set(segment, sure(segment, `${hit.source.path} answers ${segment}`));
  }
  return [...found.values()];
}

const probes = /^(health|healthz|healthcheck|ready|readyz|live|livez|metrics|favicon\.ico|ping|_health|status)$/;

function firstSegment(path: string): string | undefined {
  const segment = path.replace(/^\//, '').split('/')[0] ?? '';
  return /^[A-Za-z0-9][A-Za-z0-9._~-]{0,60}$/.test(segment) && !probes.test(segment) ? `/${segment}` : undefined;
}

/** Prefixes under which routers are mounted: `app.use('/api', router)`. */
export function mountsIn(sources: readonly Source[]): readonly string[] {
  const hits = [
    ...allHits(sources, /\b(?:app|server)\.(?:use|route|register)\(\s*['"`](\/[\w./-]{1,100})['"`]\s*,/g),
    ...allHits(sources, /\bprefix\s*[:=]\s*['"`](\/[\w./-]{1,100})['"`]/g),
    ...allHits(sources, /\bsetGlobalPrefix\(\s*['"`](\/?[\w./-]{1,100})['"`]/g),
  ];
  return [...new Set(hits.map(({ groups }) => `/${(groups[0] ?? '').replace(/^\/|\/$/g, '')}`))];
}

const nodeReads =
  /process\.env(?:\.([A-Z][A-Z0-9_]{1,60})|\[['"]([A-Z][A-Z0-9_]{1,60})['"]\])(?:\s*(?:\|\||\?\?)\s*(?:['"`]([^'"`\n]{0,200})['"`]|(\d+)|([\w.([]))|)/g;
const nodeDestructured = /(?:const|let|var)\s*\{([^{}]{1,1000})\}\s*=\s*process\.env\b/g;
const aliases = /(?:const|let|var)\s+env\s*=\s*process\.env\b/;
const aliasReads = /\benv\.([A-Z][A-Z0-9_]{1,60})\b(?:\s*(?:\|\||\?\?)\s*(?:['"`]([^'"`\n]{0,200})['"`]|(\d+))|)/g;
const pythonReads =
  /(?:\benviron(?:\.get\(|\[)|\bgetenv\(|\b(?:env|config)(?:\.(?:str|int|bool|url|db|db_url|list|cache|cache_url))?\()\s*['"]([A-Z][A-Z0-9_]{1,60})['"]\s*(?:,\s*(?:default\s*=\s*)?(?:['"]([^'"\n]{0,200})['"]|(\w+))|)/g;
const goReads = /os\.(?:Getenv|LookupEnv)\("([A-Z][A-Z0-9_]{1,60})"\)/g;
const prismaReads = /\benv\("([A-Z][A-Z0-9_]{1,60})"\)/g;

/** What a build tool reads is no variable of the running program. */
const buildConfig =
  /(^|\/)(vite|webpack|rollup|rolldown|next|nuxt|astro|svelte|postcss|tailwind|vitest|jest|playwright|cypress|eslint)\.config\.[cm]?[jt]s$/;

/** The variables that a program reads, each once. */
export function readsIn(view: View): readonly Read[] {
  const node = view.sources(nodeSources).filter(({ path }) => !buildConfig.test(path));
  const aliased = node.filter(({ text }) => aliases.test(text));
  return unique([
    ...allHits(node, nodeReads).map(({ groups: [dotted, indexed, text, number, other], source }) =>
      read(dotted ?? indexed, source, text ?? number ?? other),
    ),
    ...allHits(node, nodeDestructured).flatMap(({ groups, source }) => destructured(groups[0] ?? '', source)),
    ...allHits(aliased, aliasReads).map(({ groups: [name, text, number], source }) => read(name, source, text ?? number)),
    ...allHits(view.sources(pythonSources), pythonReads).map(({ groups: [name, text, other], source }) =>
      read(name, source, text ?? other),
    ),
    ...allHits(view.sources(goSources), goReads).map(({ groups: [name], source }) => read(name, source, undefined)),
    ...allHits(view.sources(/\.prisma$/), prismaReads).map(({ groups: [name], source }) => read(name, source, undefined)),
  ]);
}

function read(name: string | undefined, source: Source, fallback: string | undefined): Read {
  return { name: name ?? '', where: source.path, declared: false, ...(fallback === undefined ? {} : { fallback }) };
}

function destructured(list: string, source: Source): readonly Read[] {
  return [...list.matchAll(/\b([A-Z][A-Z0-9_]{1,60})\b\s*(?::\s*\w+\s*)?(?:=\s*(?:['"`]([^'"`\n]{0,200})['"`]|(\d+)|(\w))|)/g)].map(
    ([, name, text, number, other]) => read(name, source, text ?? number ?? other),
  );
}

export function unique(reads: readonly Read[]): readonly Read[] {
  const byName = new Map<string, Read>();
  for (const one of reads) {
    const known = byName.get(one.name);
    if (known === undefined || (one.declared && !known.declared)) byName.set(one.name, one);
  }
  return [...byName.values()].filter(({ name }) => name !== '');
}

const wellKnown: Readonly<Record<'postgres' | 'redis', RegExp>> = {
  postgres:
    /['"`.]((?:DATABASE|POSTGRES|POSTGRESQL|PG)_(?:URL|URI)|PG(?:HOST|PORT|USER|PASSWORD|DATABASE)|(?:POSTGRES|POSTGRESQL|DB)_(?:HOST|PORT|USER|USERNAME|PASSWORD|DB|DBNAME|NAME|DATABASE))\b/g,
  redis: /['"`.]((?:REDIS|VALKEY)_?(?:URL|HOST|PORT|PASSWORD))\b/g,
};

/** Variables that a program reads in a way of its own, such as `required(env, 'DATABASE_URL')`; asked only when the usual ways show nothing. */
export function wellKnownReads(sources: readonly Source[], client: 'postgres' | 'redis'): readonly Read[] {
  return unique(allHits(sources, wellKnown[client]).map(({ groups: [name], source }) => read(name, source, undefined)));
}
