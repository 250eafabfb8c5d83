/** G15, G16, G35: whether there is enough of everything when it matters. */
import { references } from '../app/references.ts';
import type { Service } from '../app/model.ts';
import { isLocal, isProduction, type Finding, type GuardContext, type Rule } from './guard.ts';
import { poolOf, usualPool, type Pool } from './look/pool.ts';

export const oneReplica: Rule = {
  text: {
    id: 'G15',
    title: 'one replica of a service that people use',
    severity: 'warn; block in production; not on `local`',
    cause: 'A web service may run as one replica. While that one restarts, or its machine does, nobody is served.',
    fix: 'Run at least two: `replicas: 2`, or `scale: { min: 2, max: 6 }`.',
    example: 'replicas: 2',
  },
  needs: 'files',
  find: (context) => {
    if (isLocal(context.env)) return [];
    const severity = isProduction(context.env) ? 'block' : 'warn';
    const alone = Object.values(context.app.services).filter(({ kind, scale }) => kind === 'web' && scale.min < 2);
    return alone.map(({ name, scale }): Finding => {
      const where = context.locate(`services.${name}.${scale.max > 1 ? 'scale.min' : 'replicas'}`);
      const fix = scale.max > 1 ? 'Set scale.min: 2 or more.' : 'Set replicas: 2 or more.';
      return {
        id: 'G15',
        severity,
        message: `${name} may run as one replica in ${context.env.name}`,
        where,
        why: 'Every restart is then an outage.',
        fix,
      };
    });
  },
};

const mebi = 1024 * 1024;
/** A program that has needed so much of its limit will need all of it one day. */
const nearLimit = 0.9;

export const tightMemory: Rule = {
  text: {
    id: 'G16',
    title: 'memory limit below what the service has used',
    severity: 'warn',
    cause:
      'A replica used nearly all of `limits.memory`, or more, while an earlier release was watched. Where the limit is enforced, it is killed there.',
    fix: 'Raise `limits.memory` to one and a half times what was used.',
    example: 'limits: { memory: 256Mi }',
  },
  needs: 'files',
  find: (context) =>
    Object.values(context.app.services).flatMap(({ name, limits }): Finding[] => {
      const used = context.experience.services[name]?.memoryBytes;
      if (used === undefined || used <= limits.memory * nearLimit) return [];
      return [
        {
          id: 'G16',
          severity: 'warn',
          message: `${name} used ${mebibytes(used)} Mi at its peak; the limit is ${mebibytes(limits.memory)} Mi`,
          where: context.locate(`services.${name}.limits.memory`),
          why: 'Where the limit is enforced, the replica is killed when it reaches it.',
          fix: `Set limits.memory: ${Math.ceil((used * 1.5) / mebi / 32) * 32}Mi`,
        },
      ];
    }),
};

function mebibytes(bytes: number): number {
  return Math.round(bytes / mebi);
}

/** Kept back by PostgreSQL for its owner. */
const reserved = 3;

export const noHeadroom: Rule = {
  text: {
    id: 'G35',
    title: 'scaling without room to scale',
    severity: 'warn',
    cause:
      'The largest number of replicas, each with the largest number of database connections, needs more than the database takes; or a service has a target to scale by, and its fewest and most replicas are the same number.',
    fix: 'Lower the size of the pool or `scale.max`; or give `scale` a `min` and a `max` that differ.',
    example: '10 replicas x 30 connections = 300, but db takes 197',
  },
  needs: 'files',
  find: (context) => [...fixedScale(context), ...Object.keys(context.app.resources).flatMap((name) => tooMany(context, name))],
};

function fixedScale(context: GuardContext): Finding[] {
  const fixed = Object.values(context.app.services).filter(
    ({ scale }) => scale.min === scale.max && (scale.cpu !== undefined || scale.concurrency !== undefined),
  );
  return fixed.map(({ name, scale }) => ({
    id: 'G35',
    severity: 'warn',
    message: `${name} has a target to scale by, but min and max are both ${scale.max}`,
    where: context.locate(`services.${name}.scale`),
    why: 'However much comes, the number of replicas stays.',
    fix: `Raise scale.max above ${scale.max}, or write replicas: ${scale.max} and delete scale.`,
  }));
}

interface Share {
  readonly service: Service;
  readonly pool: Pool;
  readonly total: number;
}

function tooMany(context: GuardContext, resource: string): Finding[] {
  const { type, external } = context.app.resources[resource] ?? {};
  if (type !== 'postgres' || external !== undefined) return [];
  const users = Object.values(context.app.services).filter((service) => service.kind !== 'schedule' && uses(service, resource));
  const limit = context.target.surroundings.postgresConnections - reserved;
  const replicas = users.reduce((sum, { scale }) => sum + scale.max, 0);
  const reads = context.purpose !== 'check' || replicas * usualPool > limit;
  const shares = users.flatMap((service): Share[] => {
    const pool = poolOf(context, service, reads);
    return pool === undefined ? [] : [{ service, pool, total: pool.size * service.scale.max }];
  });
  const total = shares.reduce((sum, share) => sum + share.total, 0);
  const [worst] = shares.toSorted((a, b) => b.total - a.total);
  if (worst === undefined || total <= limit) return [];
  const sums = shares.map(({ service, pool }) => `${service.scale.max} x ${pool.size} of ${service.name}`).join(' + ');
  return [
    {
      id: 'G35',
      severity: 'warn',
      message: `${sums} = ${total} connections, but ${resource} takes ${limit}`,
      where: worst.pool.where,
      why: 'When there are as many replicas as allowed, some of them get no connection, and a release starts others beside them.',
      fix: `Lower the pool to ${Math.max(1, Math.floor((limit - total + worst.total) / worst.service.scale.max))}, or scale.max of ${worst.service.name}.`,
    },
  ];
}

function uses({ variables }: Service, resource: string): boolean {
  return Object.values(variables).some((template) => references(template).some(({ name }) => name === resource));
}
