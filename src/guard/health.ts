/** G07, G08: whether anybody can tell that a service works, and gives it the time to. */
import type { Service } from '../app/model.ts';
import type { Finding, GuardContext, Rule } from './guard.ts';

export const noHealth: Rule = {
  text: {
    id: 'G07',
    title: 'no health check',
    severity: 'block',
    cause:
      'A web service has no `health`. All that can be seen is whether its port accepts connections, which it does while every answer is an error, so a broken release would get the users.',
    fix: 'Add `health` with a path that answers 200 once the service can do its work. While the app runs, the message names a path that does.',
    example: 'health: /api/health',
  },
  needs: 'files',
  find: async (context) => {
    const mute = Object.values(context.app.services).filter(({ kind, health }) => kind === 'web' && health === undefined);
    return Promise.all(mute.map(async (service) => withoutHealth(context, service)));
  },
};

const usual = ['/health', '/healthz', '/ready', '/up', '/ping', ''];

async function withoutHealth(context: GuardContext, service: Service): Promise<Finding> {
  const { name, route = '/' } = service;
  const base = route === '/' ? '' : route;
  const tried: string[] = [];
  let good: string | undefined;
  for (const path of usual.map((end) => `${base}${end}` || '/')) {
    const answer = await context.ask(path);
    if (answer === undefined) break;
    tried.push(`GET ${path}: ${answer.status}${answer.status === 200 ? ` in ${answer.ms} ms` : ''}`);
    if (answer.status !== 200) continue;
    good = path;
    break;
  }
  const told = tried.length === 0 ? '' : ` (tried ${tried.join(', ')})`;
  return {
    id: 'G07',
    severity: 'block',
    message: `nothing tells Gantry when ${name} works${told}`,
    where: context.locate(`services.${name}`),
    why: 'A program that listens but fails every request would count as ready and get the users.',
    fix: good === undefined ? `Add a path that answers 200 when it works, for example health: ${base}/health` : `Add health: ${good}`,
  };
}

/** Starts take longer on a busy machine. */
const headroom = 0.8;

export const slowStart: Rule = {
  text: {
    id: 'G08',
    title: 'health check that gives up before a start has ended',
    severity: 'warn',
    cause:
      'An earlier start of the service took nearly as long as `health.startup` allows, or longer. On a busier machine the next one fails.',
    fix: 'Set `health.startup` to twice the time that it takes, or make it start sooner.',
    example: 'health: { path: /health, startup: 90s }',
  },
  needs: 'files',
  find: (context) =>
    Object.values(context.app.services).flatMap((service): Finding[] => {
      const { name, health } = service;
      const startMs = context.experience.services[name]?.startMs;
      if (health === undefined || startMs === undefined || startMs <= health.startupMs * headroom) return [];
      return [
        {
          id: 'G08',
          severity: 'warn',
          message: `${name} took ${seconds(startMs)} s to start last time; its health check gives up after ${seconds(health.startupMs)} s`,
          where: context.locate(`services.${name}.health`),
          why: 'A start that takes a little longer, on a busy machine, fails the release.',
          fix: `Set health.startup: ${Math.ceil((startMs * 2) / 5000) * 5}s`,
        },
      ];
    }),
};

function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}
