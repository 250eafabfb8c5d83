import { platforms } from '../../platforms/index.ts';
import type { ReplicaStatus, ServiceStatus, Status } from '../../platforms/platform.ts';
import { placesOf } from '../../platforms/local/places.ts';
import { openEnvironment } from '../environment.ts';
import type { Io, Run } from '../io.ts';
import { printable } from '../print/error.ts';
import { paint } from '../print/paint.ts';
import { count, json, say, table } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const { app, env, target, context } = await openEnvironment(io, args.words['env'] ?? '', 'status');
  const status = await platforms[target.platform].status(context);
  const unattended = status.state === 'stopped' ? await runsWithoutSupervisor(context.folder) : 0;
  json(io, unattended === 0 ? status : { ...status, unattended });
  for (const line of statusLines({ ...status, app: app.name, environment: env.name }, io, unattended)) say(io, line);
  return 0;
};

/** How many replicas and resources a supervisor that died has left behind. */
async function runsWithoutSupervisor(folder: string): Promise<number> {
  const { stillAlive } = await import('../local.ts');
  return stillAlive(placesOf(folder));
}

/** The whole status as a person reads it at 3 a.m. */
export function statusLines(status: Status, io: Io, unattended = 0): string[] {
  const { bold, dim } = paint(io);
  const release = status.release === null ? 'no release' : `release ${status.release}`;
  const head = `${bold(status.app)}  ${status.environment}  ${release}  ${status.state}${status.url === '' ? '' : `  ${status.url}`}`;
  const operation =
    status.operation === null
      ? []
      : [`  ${status.operation.name} by ${status.operation.who}, since ${status.operation.since}, step ${status.operation.step}`];
  const rows = [
    ...status.services.map(serviceRow),
    ...status.resources.map((item) => [
      item.name,
      item.state,
      [item.version ?? item.type, item.connection, item.detail].filter(Boolean).join('  '),
    ]),
  ];
  const next = status.state === 'stopped' ? stoppedLines(unattended).map(dim) : [];
  return [head, ...operation, ...table(rows), ...next];
}

function stoppedLines(unattended: number): string[] {
  if (unattended === 0) return ['  Next: gantry up'];
  return [
    `  ${count(unattended, 'replica or resource', 'replicas and resources')} still run, but neither supervisor nor ingress does.`,
    '  Next: gantry up (goes on with them) · gantry down (stops them)',
  ];
}

function serviceRow(service: ServiceStatus): string[] {
  const replicas = service.replicas.map((replica) => replicaText(replica, service.kind !== 'worker')).join('  ');
  const ready = service.kind === 'static' ? 'files' : `${service.ready}/${service.desired}`;
  return [service.name, ready, `${service.degraded ? 'degraded  ' : ''}${replicas}`];
}

/** A worker is given a port like everybody, but need not listen there. */
function replicaText(replica: ReplicaStatus, listens: boolean): string {
  const restarts = replica.restarts === 0 ? '' : `, restarted ${count(replica.restarts, 'time')}`;
  const detail = replica.detail === undefined ? '' : ` (${printable(replica.detail)})`;
  const state = replica.state === 'ready' ? '' : ` ${replica.state}`;
  return `${replica.pid === 0 ? '' : `pid ${replica.pid} `}${replica.port === 0 || !listens ? '' : `:${replica.port}`}${state}${restarts}${detail}`;
}
