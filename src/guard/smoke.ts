/** G11: whether anybody looks before the users do. */
import type { Service, SmokeCheck } from '../app/model.ts';
import { isProduction, type Finding, type GuardContext, type Rule } from './guard.ts';
import { withoutComments } from './look/code.ts';
import { lineAt } from './look/files.ts';
import { serverFiles } from './look/program.ts';

export const noSmoke: Rule = {
  text: {
    id: 'G11',
    title: 'no smoke check of what matters',
    severity: 'warn; block in production when there is none at all',
    cause:
      'Before users reach a release, its set is asked what `smoke` lists. Without a check, or without one for a part of the app or for signing in, the first to notice that it is broken is a user.',
    fix: 'Add a check for each service that has a route, and one that goes through the code that signs people in. A check that expects a refusal needs no account.',
    example: 'smoke:\n  - { get: / }\n  - { get: /api/me, expect: { status: 401 } }',
  },
  needs: 'files',
  find: (context) => {
    const { smoke, services } = context.app;
    const web = Object.values(services).filter(({ route }) => route !== undefined);
    if (web.length === 0) return [];
    return smoke.length === 0 ? [none(context, web)] : [...unseen(context, web), ...signIn(context, web)];
  },
};

function none(context: GuardContext, web: readonly Service[]): Finding {
  return {
    id: 'G11',
    severity: isProduction(context.env) ? 'block' : 'warn',
    message: 'nothing asks a new release anything before users do: there is no smoke check',
    where: 'gantry.yaml',
    why: 'A release that is healthy and broken gets the users.',
    fix: `Add smoke: [${web.slice(0, 2).map(suggestion).join(', ')}]`,
  };
}

function suggestion({ route = '/', health }: Service): string {
  return `{ get: ${health?.path ?? route} }`;
}

function unseen(context: GuardContext, web: readonly Service[]): Finding[] {
  const asked = new Set(context.app.smoke.map((check) => servedBy(check, web)));
  return web
    .filter(({ name }) => !asked.has(name))
    .map((service) => ({
      id: 'G11',
      severity: 'warn',
      message: `no smoke check asks ${service.name} (${service.route ?? '/'})`,
      where: context.locate('smoke'),
      why: `A release whose ${service.name} is healthy and broken gets the users.`,
      fix: `Add ${suggestion(service)} to smoke.`,
    }));
}

/** The longest route wins, on segment borders. */
function servedBy({ path }: SmokeCheck, web: readonly Service[]): string | undefined {
  const [plain = '/'] = path.split('?');
  const matching = web.filter(({ route = '/' }) => route === '/' || plain === route || plain.startsWith(`${route}/`));
  return matching.toSorted((a, b) => (b.route?.length ?? 0) - (a.route?.length ?? 0))[0]?.name;
}

const signInPath = /\/(?:[\w-]+\/)*(?:sign-?in|log-?in|sessions?|auth(?:enticate)?|tokens?|whoami|me|accounts?|users?)(?:[/?]|$)/i;
const signInRoute = /['"`](?:POST )?(\/(?:[\w-]+\/)*(?:sign-?in|log-?in|sessions?|auth\/login|authenticate))['"`]/;

/** Only where the source has a route for it, and no check goes near. */
function signIn(context: GuardContext, web: readonly Service[]): Finding[] {
  if (context.app.smoke.some(({ path }) => signInPath.test(path))) return [];
  for (const service of web.filter(({ kind, build }) => kind === 'web' && build !== undefined)) {
    for (const { path, text } of serverFiles(context, service)) {
      const match = /\bpost\b/i.test(text) ? signInRoute.exec(withoutComments(text, path)) : null;
      if (match === null) continue;
      return [
        {
          id: 'G11',
          severity: 'warn',
          message: `no smoke check goes through signing in (${match[1] ?? ''} in ${path}:${lineAt(text, match.index)})`,
          where: context.locate('smoke'),
          why: 'After the switch nobody checks that people can still sign in.',
          fix: 'Add a check that needs no account to smoke, for example one that is refused: expect: { status: 401 }.',
        },
      ];
    }
  }
  return [];
}
