import type { Problem } from '../issue.ts';
import type { Rule } from './rule.ts';

/** A route leads to one service, and has no `.` or `..` in it. */
export const routeRule: Rule = ({ app, raw }) => {
  const owners = new Map<string, string>();
  return Object.values(app.services).flatMap(({ name, route }) => {
    if (route === undefined) return [];
    const owner = owners.get(route);
    owners.set(route, owner ?? name);
    const path = ['services', name, ...(raw.services[name]?.route === undefined ? ['static'] : ['route'])];
    return [
      ...(owner === undefined ? [] : [taken(path, route, owner)]),
      ...(route.includes('/.') && route.split('/').some((segment) => segment === '.' || segment === '..') ? [dotted(path)] : []),
    ];
  });
};

function taken(path: Problem['path'], route: string, owner: string): Problem {
  const fix =
    path.at(-1) === 'static'
      ? 'add a `route` of its own, for example `route: /site`'
      : 'give one of the two another route; the longest prefix wins';
  return { code: 'GA2005', path, message: `the route ${route} leads to "${owner}" already`, fix };
}

function dotted(path: Problem['path']): Problem {
  return {
    code: 'GA1006',
    path,
    message: 'a route cannot contain the segments "." and ".."',
    fix: 'write the path that browsers send, for example /api',
  };
}
