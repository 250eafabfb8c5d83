/** gantry.yaml as text: every line that was found out says from what, and every guess says that it is one. */
import { stringify } from 'yaml';
import type { AppGuess, ServiceGuess } from './combine.ts';
import type { CommandLine, Found, Part } from './part.ts';

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly found?: Pick<Found<unknown>, 'why' | 'sure'>;
}

const header = [
  '# Written by `gantry init` from what it found in this folder. Look at the lines that say "guess", then run `gantry check`.',
];

export function write(app: AppGuess): string {
  const lines: readonly Line[] = [
    line(0, 'gantry: 1'),
    line(0, `app: ${value(app.name.value)}`),
    line(0, 'services:'),
    ...app.services.flatMap(serviceLines),
    ...(app.resources.length === 0 ? [] : [line(0, 'resources:')]),
    ...app.resources.map(({ name, type, version, why }) =>
      line(1, `${name}: ${flow({ type, version: version.value })}`, { why: version.sure ? why : version.why, sure: version.sure }),
    ),
    ...smokeLines(app),
  ];
  return `${[...header, ...lines.map(print)].join('\n')}\n`;
}

function serviceLines({ name, part, route, replicas, settings }: ServiceGuess): readonly Line[] {
  const { run, port, health, migrate, site } = part;
  const variables = Object.entries(settings.variables);
  return [
    line(1, `${name}:`),
    ...buildLines(part),
    ...listLines('prepare', part.prepare),
    ...(run === undefined || part.kind === 'site' ? [] : [line(2, `run: ${command(run.value)}`, run)]),
    ...(site === undefined
      ? []
      : [line(2, `static: ${site.value.fallback === undefined ? value(site.value.dir) : flow(site.value)}`, site)]),
    ...(port === undefined || part.kind !== 'server'
      ? []
      : [line(2, `port: ${port.value.fixed ? flow(port.value) : port.value.number}`, port)]),
    ...(route === undefined ? [] : [line(2, `route: ${value(route.value)}`, route)]),
    ...healthLines(part, health),
    ...(replicas === undefined ? [] : [line(2, `replicas: ${replicas.value}`, replicas)]),
    ...(migrate === undefined ? [] : [line(2, `migrate: ${command(migrate.value)}`, migrate)]),
    ...(variables.length === 0 ? [] : [line(2, 'variables:')]),
    ...variables.map(([key, found]) => line(3, `${value(key)}: ${value(found.value)}`, found)),
    ...listLines('secrets', settings.secrets),
  ];
}

/** A site at the top has no `build`, so that targets with containers need no Dockerfile for it. */
function buildLines(part: Part): readonly Line[] {
  const folder = part.context ?? part.folder;
  const path = folder === '.' ? '.' : `./${folder}`;
  if (part.dockerfile !== undefined) return [line(2, `build: ${flow({ context: path, dockerfile: part.dockerfile })}`)];
  if (part.kind === 'site' && folder === '.') return [];
  return [line(2, `build: ${value(path)}`)];
}

function healthLines(part: Part, health: Part['health']): readonly Line[] {
  if (part.kind !== 'server') return [];
  if (health === undefined)
    return [
      line(2, '# health: /health', {
        why: 'no health path was found; without one a replica counts as ready when its port is open',
        sure: true,
      }),
    ];
  return [line(2, `health: ${health.value.live === undefined ? value(health.value.path) : flow(health.value)}`, health)];
}

/** One line when nothing has to be explained twice, otherwise one line an entry. */
function listLines(key: string, items: readonly Found<CommandLine>[]): readonly Line[] {
  if (items.length === 0) return [];
  const joined = items.map(({ value: item }) => command(item)).join(', ');
  const short = joined.length <= 70 && items.every((item) => item.sure && typeof item.value === 'string');
  const whys = [...new Set(items.map(({ why }) => why))].join('; ');
  if (short)
    return [line(2, `${key}: [${items.map(({ value: item }) => flow([item]).slice(1, -1)).join(', ')}]`, { why: whys, sure: true })];
  return [line(2, `${key}:`), ...items.map((item) => line(3, `- ${command(item.value)}`, item))];
}

/** Checks of which the answer is known: sites, and health paths that can be reached from outside. */
function smokeLines({ services }: AppGuess): readonly Line[] {
  const checks = services.flatMap(({ part, route }): readonly Line[] => {
    if (part.kind === 'site' && route !== undefined) return [check(route.value)];
    const path = part.health?.value.path;
    const reachable = path !== undefined && route !== undefined && owner(path, services) === route.value;
    return reachable ? [check(path)] : [];
  });
  return checks.length === 0 ? [] : [line(0, 'smoke:'), ...checks];
}

function owner(path: string, services: readonly ServiceGuess[]): string | undefined {
  const routes = services.flatMap(({ route }) => (route === undefined ? [] : [route.value]));
  return routes
    .filter((route) => route === '/' || path === route || path.startsWith(`${route}/`))
    .toSorted((a, b) => b.length - a.length)[0];
}

const check = (path: string): Line => line(1, `- ${flow({ get: path, expect: { status: 200 } })}`);

function line(indent: number, text: string, found?: Line['found']): Line {
  return { indent, text, ...(found === undefined ? {} : { found }) };
}

function print({ indent, text, found }: Line): string {
  const comment = found === undefined ? '' : ` # ${found.sure ? '' : 'guess: '}${plain(found.why)}`;
  return `${'  '.repeat(indent)}${text}${comment}`;
}

/** Names of files may hold anything; a comment is one line of printable text. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?').slice(0, 300);
}

const command = (line: CommandLine): string => (typeof line === 'string' ? value(line) : flow(line));

function value(text: string): string {
  return /[\n\r\t\u0085\u2028\u2029]/.test(text) ? JSON.stringify(text) : stringify(text, { lineWidth: 0 }).trim();
}

function flow(content: unknown): string {
  return stringify(content, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: !Array.isArray(content) }).trim();
}
