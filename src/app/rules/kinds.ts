import type { Problem } from '../issue.ts';
import type { ServiceKind } from '../model.ts';
import { kindOf } from '../normalize.ts';
import type { RawService } from '../schema.ts';
import { perService } from './rule.ts';

type Key = keyof RawService;

const titles: Readonly<Record<ServiceKind, string>> = {
  web: 'a web service (it has a route)',
  worker: 'a worker (it has no route)',
  schedule: 'a scheduled job',
  static: 'a static site',
};

const foreign: Readonly<Record<ServiceKind, readonly Key[]>> = {
  web: [],
  worker: [],
  schedule: ['route', 'port', 'health', 'scale', 'replicas'],
  static: ['image', 'run', 'port', 'health', 'limits', 'scale', 'replicas', 'variables', 'secrets', 'migrate', 'schedule'],
};

/** Each kind of service has what it needs, and nothing that would mean nothing. */
export const kindRule = perService((raw, name) => {
  const kind = kindOf(raw);
  return [
    ...needs(raw, name, kind),
    ...foreign[kind].filter((key) => raw[key] !== undefined).map((key) => meaningless(key, kind)),
    ...(raw.image === undefined ? [] : imageProblems(raw)),
  ];
});

function needs(raw: RawService, name: string, kind: ServiceKind): Problem[] {
  if (kind === 'static') return [];
  const problems: Problem[] = [];
  if (raw.run === undefined && raw.image === undefined)
    problems.push(
      missing(
        name,
        kind,
        '`run` or `image`',
        'add `run` with the command that starts it, for example `run: node server.js`, or `image` with a ready image',
        ['run', 'image'],
      ),
    );
  if (kind === 'web' && raw.port === undefined)
    problems.push(missing(name, kind, '`port`', 'add `port` with the number on which it listens, for example `port: 8080`', ['port']));
  if (kind === 'worker' && raw.health !== undefined && raw.port === undefined)
    problems.push(
      missing(
        name,
        kind,
        '`port` for its health checks',
        'add `port` with the number on which it answers them, or delete `health`; a service that users reach also needs a `route`',
        ['port', 'route'],
      ),
    );
  return problems;
}

function missing(name: string, kind: ServiceKind, what: string, fix: string, keys: readonly Key[]): Problem {
  return {
    code: 'GA2009',
    path: [],
    at: 'key',
    message: `${titles[kind]} needs ${what}`,
    fix,
    absent: [...keys, 'static', 'schedule'].map((key) => ['services', name, key]),
  };
}

function meaningless(key: Key, kind: ServiceKind): Problem {
  const cause = kind === 'static' ? 'static' : 'schedule';
  return {
    code: 'GA1013',
    path: [key],
    at: 'key',
    message: `${titles[kind]} has no \`${key}\``,
    fix: `delete \`${key}\`, or \`${cause}\` if it is an ordinary service`,
  };
}

function imageProblems(raw: RawService): Problem[] {
  return (['build', 'prepare'] as const)
    .filter((key) => raw[key] !== undefined)
    .map(
      (key) =>
        ({
          code: 'GA1013',
          path: [key],
          at: 'key',
          message: `\`${key}\` and \`image\` exclude each other`,
          fix: `keep \`image\` for a ready image, or \`${key}\` to build one`,
        }) as const,
    );
}
