import type { Problem } from '../issue.ts';
import type { Rule } from './rule.ts';

/** Words of Gantry's own, and names that file systems, clusters or scripts treat as special. */
/** Names that `gantry` itself uses for something. */
export const reserved: ReadonlySet<string> = new Set([
  'gantry',
  'self',
  'ingress',
  'supervisor',
  'default',
  'constructor',
  'prototype',
  'con',
  'prn',
  'aux',
  'nul',
]);

/** Names mean one thing: no reserved word, and nothing that is a service and a resource at once. */
export const nameRule: Rule = ({ raw }) => [
  ...reservedName(['app'], raw.app, 'value'),
  ...Object.keys(raw.services).flatMap((name) => reservedName(['services', name], name, 'key')),
  ...Object.keys(raw.resources ?? {}).flatMap((name) => [
    ...reservedName(['resources', name], name, 'key'),
    ...(Object.hasOwn(raw.services, name) ? [taken(name)] : []),
  ]),
];

function reservedName(path: Problem['path'], name: string, at: 'key' | 'value'): Problem[] {
  return reserved.has(name)
    ? [{ code: 'GA2007', path, at, message: `"${name}" is reserved`, fix: `choose another name, for example "${name}-app"` }]
    : [];
}

function taken(name: string): Problem {
  return {
    code: 'GA2007',
    path: ['resources', name],
    at: 'key',
    message: `"${name}" is the name of a service already`,
    fix: `rename one of the two, for example to "${name}-db"`,
  };
}
