/** Releases to try: the app as the files say, with one thing changed that shows what a release does, or what stops one. Pure. */
import type { App, Reference, Service, Template } from '../../app/model.ts';

export interface Trial {
  readonly app: App;
  /** What differs from the files: `TRY_IT = 3 in backend`. */
  readonly text: string;
}

const variable = 'TRY_IT';

/** One more variable, which the program does not know. Undefined without a program. @param number tells it from those before */
export function goodTrial(app: App, number: number): Trial | undefined {
  const service = programs(app)[0];
  if (service === undefined) return undefined;
  const variables = { ...service.variables, [variable]: [String(number)] };
  return { app: withService(app, { ...service, variables }), text: `${variable} = ${number} in ${service.name}` };
}

/** One that cannot work, and whose log says why: a resource is not where it is said to be, or the program only says that it fails. */
export function badTrial(app: App, node: string): Trial | undefined {
  for (const service of programs(app)) {
    const found = addressOf(service, app);
    if (found !== undefined) return misled(app, service, found.variable, found.resource);
  }
  return failing(app, node);
}

/** Long-running ones; users notice those with a route first. */
function programs({ services }: App): Service[] {
  const running = Object.values(services).filter(({ kind, run }) => (kind === 'web' || kind === 'worker') && run !== undefined);
  return running.toSorted((a, b) => Number(a.kind === 'worker') - Number(b.kind === 'worker'));
}

/** The variable by which a service finds a resource. */
function addressOf({ variables }: Service, { resources }: App): { readonly variable: string; readonly resource: string } | undefined {
  for (const [name, template] of Object.entries(variables)) {
    const part = template.find((one) => isAddress(one) && Object.hasOwn(resources, one.name));
    if (part !== undefined) return { variable: name, resource: (part as Reference).name };
  }
  return undefined;
}

function isAddress(part: Template[number]): part is Reference {
  return typeof part !== 'string' && (part.attribute === 'url' || part.attribute === 'host');
}

/** Nothing listens there, and whoever tries is told so at once. */
const deadPort = '1';
/** For a program that takes the usual port, at which somebody may listen here: a name that no machine can have (RFC 2606). */
const nobody = 'nowhere.invalid';

function misled(app: App, service: Service, name: string, resource: string): Trial {
  const scheme = app.resources[resource]?.type === 'redis' ? 'redis' : 'postgres';
  const isNamed = service.variables[name]?.some((part) => isOf(part, resource, 'host')) === true && !hasPort(service, resource);
  const host = isNamed ? nobody : '127.0.0.1';
  const dead: Readonly<Record<string, string>> = { url: `${scheme}://${host}:${deadPort}`, host, port: deadPort };
  const variables = Object.fromEntries(
    Object.entries(service.variables).map(([key, template]) => [key, template.map((part) => replaced(part, resource, dead))]),
  );
  return {
    app: withService(app, impatient({ ...service, variables })),
    text: `${name} in ${service.name} leads to ${isNamed ? host : `${host}:${deadPort}`}, where nobody listens`,
  };
}

function hasPort({ variables }: Service, resource: string): boolean {
  return Object.values(variables).some((template) => template.some((part) => isOf(part, resource, 'port')));
}

function isOf(part: Template[number], resource: string, attribute: string): boolean {
  return typeof part !== 'string' && part.name === resource && part.attribute === attribute;
}

function replaced(part: Template[number], resource: string, dead: Readonly<Record<string, string>>): Template[number] {
  return typeof part === 'string' || part.name !== resource ? part : (dead[part.attribute] ?? part);
}

function failing(app: App, node: string): Trial | undefined {
  const service = programs(app)[0];
  if (service === undefined) return undefined;
  const program = `console.error('Try it has put this program in the place of yours: it prints this line and ends with exit code 1.'); process.exit(1)`;
  return {
    app: withService(app, impatient({ ...service, run: [node, '-e', program] })),
    text: `run of ${service.name} is a program that prints why it ends, and ends`,
  };
}

const longestStartMs = 10_000;

/** Whoever tries it does not want to wait as long as a real start may take; what would fail before anything starts is left away. */
function impatient({ migrate: _migrate, ...service }: Service): Service {
  const { health } = service;
  return health === undefined ? service : { ...service, health: { ...health, startupMs: Math.min(health.startupMs, longestStartMs) } };
}

function withService(app: App, service: Service): App {
  return { ...app, services: { ...app.services, [service.name]: service } };
}
