/** G34: what two apps, two environments or two services cannot share. */
import { startsNode } from '../stack/programs.ts';
import type { App } from '../app/model.ts';
import type { Finding, GuardContext, PlannedEnvironment, Rule } from './guard.ts';

export const sharedPlaces: Rule = {
  text: {
    id: 'G34',
    title: 'two want the same place',
    severity: 'block, also for `up`',
    cause:
      'Two environments of the project have the same domain, or the same port of one machine; or a program that cannot take another port wants one that another service, or another app on this machine, has. Only one of them can have it.',
    fix: 'Give one of them another domain or port. A program that reads `PORT` needs no fixed one.',
    example: 'staging and production both want port 8080 on this machine',
  },
  needs: 'files',
  stopsUp: true,
  find: (context) => [...domains(context), ...addresses(context), ...withinApp(context), ...withOthers(context)],
};

function finding(message: string, where: string, why: string, fix: string): Finding {
  return { id: 'G34', severity: 'block', message, where, why, fix };
}

function others({ environments, env }: GuardContext): readonly PlannedEnvironment[] {
  return environments.filter((other) => other.env.name !== env.name);
}

/** While somebody edits on their own machine, a slip between two distant places stops nothing. */
function domains(context: GuardContext): Finding[] {
  const { domain, name } = context.env;
  return others(context)
    .filter(({ env }) => domain !== undefined && env.domain === domain)
    .map(({ env }) => ({
      ...finding(
        `${env.name} and ${name} both want the domain ${domain ?? ''}`,
        context.locate('domain'),
        'A name leads to one place only, so one of the two would be out of reach.',
        'Give one of them another domain.',
      ),
      stopsUp: false,
    }));
}

/** Only places on this machine have a port as an option. */
function addresses(context: GuardContext): Finding[] {
  const { options, name, target } = context.env;
  const port = options['port'];
  return others(context)
    .filter(({ env }) => typeof port === 'number' && env.target === target && env.options['port'] === port)
    .map(({ env }) => ({
      ...finding(
        `${env.name} and ${name} both want port ${Number(port)} on this machine`,
        context.locate('port'),
        'The one that comes second cannot start.',
        'Give one of them another port, or none: the next free one is taken.',
      ),
      stopsUp: false,
    }));
}

interface Fixed {
  readonly service: string;
  readonly port: number;
}

/** Programs whose port cannot be mapped. */
function fixedPorts({ services }: App): Fixed[] {
  return Object.values(services).flatMap(({ name, port, run = [] }) =>
    port?.fixed === true && !startsNode(run) ? [{ service: name, port: port.number }] : [],
  );
}

const second = 'The one that comes second cannot listen, so its release fails.';

function withinApp(context: GuardContext): Finding[] {
  if (!context.target.builders.includes('folder')) return [];
  const fixed = fixedPorts(context.app);
  return fixed.flatMap(({ service, port }, index) => {
    const first = fixed.slice(0, index).find((other) => other.port === port);
    if (first === undefined) return [];
    const where = context.locate(`services.${service}.port`);
    return [
      finding(
        `${first.service} and ${service} both want port ${port} on this machine`,
        where,
        second,
        'Give one of them another port, or let it read PORT.',
      ),
    ];
  });
}

function withOthers(context: GuardContext): Finding[] {
  return fixedPorts(context.app).flatMap(({ service, port }) => {
    const holder = context.neighbours.find(({ ports }) => ports.includes(port));
    if (holder === undefined) return [];
    const where = context.locate(`services.${service}.port`);
    const fix = `Stop ${holder.app} (gantry --dir ${holder.folder} down), give one of them another port, or let it read PORT.`;
    return [finding(`${holder.app} in ${holder.folder} and ${service} both want port ${port} on this machine`, where, second, fix)];
  });
}
