/** App + environment -> the files of the process engine. */
import { isSecretTemplate } from '../../app/references.ts';
import { toBytes } from '../../app/units.ts';
import type { App, Environment, Reference, Service, Template } from '../../app/model.ts';
import { passwordSecret, variableSecret } from '../../stack/names.ts';
import { startsNode } from '../../stack/programs.ts';
import { image, jsonFile, output, secret, type JsonWithParts } from '../../stack/parts.ts';
import type { ReleaseRef, SetName, Sets, Stack } from '../../stack/stack.ts';

const mebi = 1024 * 1024;

export function compile(sets: Sets): Stack[] {
  const newest = sets.next ?? sets.live;
  if (newest === undefined) return [];
  return [resources(newest.app), migrate(newest, sets.next === undefined ? 'live' : 'next'), services(sets, newest.env)];
}

function resources(app: App): Stack {
  const all = Object.values(app.resources);
  const document = {
    resources: all.map(({ name, type, version, external }) => ({
      name,
      type,
      version,
      user: app.name,
      password: secret(passwordSecret(name)),
      ...(external === undefined ? {} : { external: secret(external) }),
    })),
  };
  const outputs = all.flatMap(({ name, type }) =>
    attributes[type].map((attribute) => [`${name}.${attribute}`, { secret: isSecretAttribute(attribute) }] as const),
  );
  return {
    id: 'resources',
    engine: 'process',
    phase: 'foundation',
    needs: [],
    files: { 'resources.json': jsonFile(document) },
    outputs: Object.fromEntries(outputs),
  };
}

const attributes = {
  postgres: ['host', 'port', 'user', 'name', 'password', 'url'],
  redis: ['host', 'port', 'password', 'url'],
} as const;

function isSecretAttribute(attribute: string): boolean {
  return attribute === 'password' || attribute === 'url';
}

function migrate(ref: ReleaseRef, set: SetName): Stack {
  const jobs = Object.values(ref.app.services).flatMap((service) =>
    service.migrate === undefined
      ? []
      : [{ name: service.name, content: image(service.name, set), run: service.migrate.run, env: environment(service, ref.app, set) }],
  );
  return {
    id: 'migrate',
    engine: 'process',
    phase: 'migrate',
    needs: ['resources'],
    files: { 'migrate.json': jsonFile({ release: ref.id, secrets: ref.secrets, jobs }) },
    outputs: {},
  };
}

function services(sets: Sets, env: Environment): Stack {
  const files = {
    'entry.json': jsonFile({ limits: limits(env) }),
    ...(sets.live === undefined ? {} : { 'sets/live.json': jsonFile(set(sets.live, 'live')) }),
    ...(sets.next === undefined ? {} : { 'sets/next.json': jsonFile(set(sets.next, 'next')) }),
  };
  return { id: 'services', engine: 'process', phase: 'release', needs: ['resources', 'migrate'], files, outputs: {} };
}

function limits({ options }: Environment): JsonWithParts {
  const body = options['body'];
  return {
    headerBytes: 32 * 1024,
    bodyBytes: typeof body === 'string' ? toBytes(body) : 100 * mebi,
    headersTimeoutMs: 10_000,
    idleTimeoutMs: 60_000,
    responseTimeoutMs: 60_000,
    holdMs: 10_000,
  };
}

function set(ref: ReleaseRef, name: SetName): JsonWithParts {
  const all = Object.values(ref.app.services);
  return {
    release: ref.id,
    secrets: ref.secrets,
    services: all.filter((service) => service.kind === 'web' || service.kind === 'worker').map((service) => process(service, ref, name)),
    sites: all.filter((service) => service.static !== undefined).map((service) => site(service, name)),
    drainMs: ref.app.release.drainMs,
    graceMs: ref.app.release.graceMs,
  };
}

function process(service: Service, ref: ReleaseRef, name: SetName): JsonWithParts {
  const { kind, run = [], port, route, health, limits: cage, scale } = service;
  const alone = port?.fixed === true && !startsNode(run);
  return {
    name: service.name,
    kind,
    content: image(service.name, name),
    run,
    env: environment(service, ref.app, name),
    port: port?.number,
    fixedPort: port?.fixed ?? false,
    route,
    health: health === undefined ? undefined : { ...health },
    limits: { cpu: cage.cpu, memory: cage.memory },
    scale: { ...scale, max: alone ? 1 : scale.max },
    replicas: alone ? 1 : (ref.counts[service.name] ?? scale.min),
  };
}

function site(service: Service, name: SetName): JsonWithParts {
  return {
    name: service.name,
    content: image(service.name, name),
    dir: service.static?.dir ?? '.',
    route: service.route ?? '/',
    fallback: service.static?.fallback,
  };
}

function environment(service: Service, app: App, set: SetName): JsonWithParts {
  const values: Record<string, JsonWithParts> = {};
  for (const [name, template] of Object.entries(service.variables)) values[name] = variable(service, name, template, app, set);
  for (const name of service.secrets) values[name] = secret(name, set);
  return values;
}

function variable(service: Service, name: string, template: Template, app: App, set: SetName): JsonWithParts {
  if (isSecretTemplate(template, app)) return secret(variableSecret(service.name, name), set);
  const [only = ''] = template;
  if (template.length <= 1 && typeof only === 'string') return only;
  return template.map((part) => (typeof part === 'string' ? part : reference(part, service, app)));
}

function reference(part: Reference, service: Service, app: App): JsonWithParts {
  if (part.name in app.resources) return output('resources', `${part.name}.${part.attribute}`);
  if (part.name === service.name && part.attribute === 'port') return output('replica', 'port');
  return output('services', `${part.name}.${part.attribute}`);
}
