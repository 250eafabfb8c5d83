import type { Problem } from '../issue.ts';
import type { App } from '../model.ts';
import { smokeMethods } from '../normalize.ts';
import type { RawSmokeCheck } from '../schema.ts';
import { didYouMean, nearest } from '../suggest.ts';
import type { Rule } from './rule.ts';

/** A smoke check asks one thing, of a path that leads to a service. */
export const smokeRule: Rule = ({ app, raw }) => (raw.smoke ?? []).flatMap((check, index) => checkOne(check, index, app));

function checkOne(check: RawSmokeCheck, index: number, app: App): Problem[] {
  const methods = smokeMethods.filter((method) => check[method] !== undefined);
  const [method] = methods;
  if (method === undefined)
    return [
      {
        code: 'GA2004',
        path: ['smoke', index],
        message: 'the check does not say what to ask',
        fix: 'add a method and a path, for example `get: /`',
        absent: [['smoke', index]],
      },
    ];
  if (methods.length > 1)
    return [
      {
        code: 'GA1013',
        path: ['smoke', index, methods[1] ?? method],
        at: 'key',
        message: `\`${methods.join('` and `')}\` exclude each other`,
        fix: 'make a check of its own for each request',
      },
    ];
  return [...routed(check[method] ?? '/', ['smoke', index, method], app), ...bodyProblem(check, index, method)];
}

function bodyProblem(check: RawSmokeCheck, index: number, method: string): Problem[] {
  if (check.body === undefined || method !== 'get') return [];
  return [
    {
      code: 'GA1013',
      path: ['smoke', index, 'body'],
      at: 'key',
      message: 'a GET request has no body',
      fix: 'delete `body`, or use `post`',
    },
  ];
}

function routed(path: string, at: Problem['path'], app: App): Problem[] {
  const routes = Object.values(app.services).flatMap((service) => (service.route === undefined ? [] : [service.route]));
  const plain = path.split('?', 1)[0] ?? path;
  if (routes.some((route) => covers(route, plain))) return [];
  const shown = routes.slice(0, 8).join(', ');
  const hit = nearest(plain, routes);
  const fix =
    routes.length === 0
      ? 'give a service a `route`, for example `route: /`, or delete the check'
      : `ask a path below a route (${shown}${routes.length > 8 ? ', ...' : ''}), or give a service a route that covers it`;
  return [
    {
      code: 'GA2004',
      path: at,
      message: `"${path}" is served by no route${hit === undefined ? '' : didYouMean(plain, routes)}`,
      fix,
      absent: ['route', 'static'].map((key) => ['services', '*', key]),
    },
  ];
}

/** Prefixes match on segment borders. */
function covers(route: string, path: string): boolean {
  return route === '/' || path === route || path.startsWith(`${route}/`);
}
