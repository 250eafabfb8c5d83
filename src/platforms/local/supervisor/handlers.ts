/** The operations of the protocol. */
import { GantryError, isGantryError } from '../../../errors.ts';
import type { Problem } from '../../platform.ts';
import { protocolVersion, type Operations, type StepEvent, type SupervisorEvent } from '../protocol.ts';
import type { DesiredFile } from './desired.ts';
import { countOf } from './fleet-plan.ts';
import type { Handover } from './handover.ts';
import { runJob } from './jobs.ts';
import { contentFolder } from './launcher.ts';
import { exposition, gauge, replicaFamilies, usageByGroup } from './metrics.ts';
import type { SupervisorOptions } from './options.ts';
import type { Handlers } from './server.ts';
import { drift, measure } from './measure.ts';
import { buildStatus, setOf } from './status.ts';
import { recoveryName } from './recovery.ts';
import { abortMs, refuseWhenEnding, tidyLogs, want, type Supervisor } from './supervisor.ts';
import { awaitResources, awaitRetired, awaitSet, restart, scale, serviceNamed, shownServices } from './waits.ts';

export interface HandlerParts {
  readonly options: SupervisorOptions;
  /** Rejects when the supervisor could not start; every operation then says why. */
  readonly ready: Promise<Supervisor>;
  stop(say: (step: string, message: string) => void): Promise<number>;
  readonly handover: Handover;
}

export function handlers({ options, ready, stop, handover }: HandlerParts): Handlers {
  return {
    hello: async () => hello(options),
    status: async () => status(await ready),
    want: async ({ desired }) => want(await ready, desired).then(() => ({ accepted: true })),
    desired: async () => (await ready).desired.value,
    awaitResources: async (_params, { emit, signal }) => ({ outputs: await awaitResources(await ready, emit, signal) }),
    awaitSet: async ({ set }, { emit, signal }) => ({ ready: await awaitSet(await ready, set, emit, signal) }),
    awaitRetired: async (_params, { emit, signal }) => {
      const supervisor = await ready;
      const stopped = await awaitRetired(supervisor, emit, signal);
      await tidyLogs(supervisor);
      return { stopped };
    },
    shift: async ({ share }) => shift(await ready, share),
    run: async ({ jobs, name }, { emit, signal }) => {
      const {
        launcher,
        runtime,
        options: { places },
      } = await ready;
      return runJob(
        { launcher, runtime, contentDir: places.contentDir, logDir: places.logDir },
        jobs,
        name,
        (line) => emit({ line }),
        signal,
      );
    },
    environment: async ({ service }) => environment(await ready, service),
    scale: async ({ service, count }, { emit, signal }) => ({ count: await scale(await serving(ready), service, count, emit, signal) }),
    restart: async ({ service }, { emit, signal }) => ({ restarted: await restart(await serving(ready), service, emit, signal) }),
    operate: async (request, { emit, signal }) => operate(await ready, request, emit, signal),
    disturb: async (params) => ({ text: await (await serving(ready)).disturber.disturb(params) }),
    measure: async ({ usage }) => measure(await ready, usage),
    drift: async () => ({ drift: drift(await ready) }),
    upgrade: async (params, { emit, signal }) => {
      const supervisor = await serving(ready);
      await supervisor.recovery.settled(emit, signal);
      return handover.upgrade(supervisor, params, emit);
    },
    relieve: async (params) => handover.relieve(params),
    renewIngress: async () => ({ pid: await (await serving(ready)).ingress.renew() }),
    interrupt: async ({ by }) => interrupt(await ready, by),
    attach: async (_params, { emit, signal }) => (await ready).gate.attach(emit, signal),
    entry: async ({ set }) => entry(await ready, set),
    metrics: async () => ({ text: await metrics(await ready) }),
    events: async ({ recent }, { emit, signal }) => events(await ready, recent ?? 0, emit, signal),
    stop: async (_params, { emit }) => ({
      stopped: await stop((step, message) => emit({ step, state: 'running', message, elapsedMs: 0 })),
    }),
  };
}

function hello({ version, build, app, places, url }: SupervisorOptions): Operations['hello']['result'] {
  return { protocol: protocolVersion, version, build, pid: process.pid, app, folder: places.folder, url };
}

async function status(supervisor: Supervisor): Promise<Operations['status']['result']> {
  const { options, desired, fleet, resources, gate, runtime, ingress, recovery } = supervisor;
  const stats = await ingress.stats();
  const wanted = fleet.wanted();
  return buildStatus({
    app: options.app,
    environment: options.environment,
    url: options.url,
    desired: desired.value,
    replicas: fleet.replicas,
    resources: resources.status(),
    operation: gate.current,
    inFlight: stats?.inFlight ?? {},
    scaling: runtime.value.scaling,
    problems: [...(recovery.problem === undefined ? [] : [recovery.problem]), ...unsavedProblem(desired)],
    ignoredStop: (service) => fleet.ignoredStop.get(service),
    isPinned: (service) => runtime.value.counts[service.name]?.pinned === true,
    countOf: (service, release) =>
      wanted.find((one) => one.release === release && one.service.name === service.name)?.alone === true
        ? 1
        : countOf(service, runtime.value.counts),
  });
}

function unsavedProblem({ unsaved }: DesiredFile): Problem[] {
  if (unsaved === undefined) return [];
  const message = `what should run is not saved: ${unsaved.error.message}`;
  return [{ subject: 'state', since: unsaved.since.toISOString(), message }];
}

async function shift(supervisor: Supervisor, share: number): Promise<Operations['shift']['result']> {
  await want(supervisor, { share: Math.min(Math.max(Math.round(share), 0), 100) });
  await new Promise((resolve) => setImmediate(resolve));
  await supervisor.ingress.inForce();
  return { share: supervisor.desired.value.share };
}

async function environment(supervisor: Supervisor, name: string): Promise<Operations['environment']['result']> {
  const { launcher, options } = supervisor;
  const service = serviceNamed(supervisor, name);
  const { release, secrets } = shownServices(supervisor);
  const cwd = contentFolder(options.places.contentDir, service.content, name);
  const port = await launcher.freePort();
  const env = await launcher.environment({
    release,
    name: `${name}-${release.slice(0, 4)}-exec`,
    port,
    env: service.env,
    versions: secrets,
  });
  return { cwd, env };
}

async function serving(ready: Promise<Supervisor>): Promise<Supervisor> {
  const supervisor = await ready;
  refuseWhenEnding(supervisor);
  return supervisor;
}

async function operate(
  supervisor: Supervisor,
  request: Operations['operate']['params'],
  emit: (event: StepEvent) => void,
  asked: AbortSignal,
): Promise<Operations['operate']['result']> {
  refuseWhenEnding(supervisor);
  const { gate, options, hub, recovery } = supervisor;
  await recovery.settled(emit, asked);
  try {
    return await gate.run(request.operation, request.who, emit, async (report, signal) => {
      hub.say('release', request.operation, `begun by ${request.who}`);
      const result = await options.operate(request, { places: options.places, report, signal });
      hub.say('release', request.operation, result.changed ? `done in ${(result.durationMs / 1000).toFixed(1)} s` : 'nothing changed');
      return result;
    });
  } catch (error) {
    if (isGantryError(error) && error.code === 'GR1001') throw error;
    hub.say('release', request.operation, (error as Error).message, 'error');
    recovery.doubt();
    throw error;
  }
}

/** A recovery is not interrupted: whoever waits for it is sent away. */
async function interrupt({ gate, recovery }: Supervisor, by: string | undefined): Promise<Operations['interrupt']['result']> {
  const reason = new GantryError('GR1004', 'the release was interrupted');
  if (recovery.dismiss(reason)) return { interrupted: true };
  if (gate.current === null || gate.current.name === recoveryName) return { interrupted: false };
  await gate.abort(by === undefined ? reason : takenBackBy(by), abortMs);
  return { interrupted: true };
}

function takenBackBy(who: string): GantryError {
  return new GantryError('GR1004', `${who} took the release back`, { fix: 'Ask them what they saw before you release it again.' });
}

function entry({ options, runtime }: Supervisor, set: 'public' | 'live' | 'next'): Operations['entry']['result'] {
  const headers: Record<string, string> = set === 'public' ? {} : { 'x-gantry-set': set, 'x-gantry-set-key': runtime.value.setKey };
  return { url: options.url, headers };
}

async function metrics({ ingress, fleet, desired, resources, rotation }: Supervisor): Promise<string> {
  const [fromIngress, usage] = await Promise.all([ingress.metrics(), usageByGroup()]);
  const replicas = fleet.replicas.map(({ id, service, release, identity, phase, state }) => ({
    id,
    service: service.name,
    release,
    set: setOf(release, desired.value) ?? ('retired' as const),
    identity,
    ready: phase === 'ready',
    restarts: state.restarts,
    limits: service.limits,
  }));
  const own = [
    ...replicaFamilies(replicas, usage),
    gauge(
      'gantry_resource_ready',
      '1 when the resource answers.',
      resources
        .status()
        .map(({ name, type, state }) => ({ labels: { resource: name, type }, value: Number(state === 'ready' || state === 'external') })),
    ),
    gauge('gantry_supervisor_memory_bytes', 'Resident memory of the supervisor.', [{ labels: {}, value: process.memoryUsage.rss() }]),
    gauge('gantry_log_bytes_lost', 'Output that was written faster than it could be kept.', [{ labels: {}, value: rotation.lost.bytes }]),
  ];
  return fromIngress + exposition(own);
}

async function events({ hub }: Supervisor, recent: number, emit: (event: SupervisorEvent) => void, signal: AbortSignal): Promise<never> {
  const end = hub.listen(recent, emit);
  try {
    return await new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
  } finally {
    end();
  }
}
