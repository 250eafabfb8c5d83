/** The autoscaler of one supervisor: where its numbers come from and what its decisions do. */
import { appendFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ServiceSpec } from '../../../stack/process.ts';
import type { ScalingDecision } from '../../platform.ts';
import type { IngressStats } from '../ingress/table.ts';
import { autoscalerLog, logFile } from '../log-files.ts';
import { countOf, type Wanted } from '../supervisor/fleet-plan.ts';
import { usageByGroup, type Usage } from '../supervisor/metrics.ts';
import type { Replica } from '../supervisor/replica.ts';
import type { Runtime } from '../supervisor/runtime.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { hasTarget } from './demand.ts';
import { startLoop } from './loop.ts';
import type { Reading, ReplicaReading, ServiceReading } from './reading.ts';
import { defaultSettings } from './settings.ts';

export type AutoscalerParts = Pick<Supervisor, 'options' | 'clock' | 'hub' | 'desired' | 'runtime' | 'ingress' | 'fleet' | 'gate'>;

/** Decisions that are remembered. */
const kept = 20;

export function startAutoscaler(parts: AutoscalerParts): { stop(): void } {
  return startLoop({
    clock: parts.clock,
    settings: { ...defaultSettings, ...parts.options.autoscaler },
    read: async () => (scalable(parts).every(({ name }) => isPinned(parts, name)) ? undefined : read(parts)),
    carryOut: (decisions) => carryOut(parts, decisions),
  });
}

function isPinned({ runtime }: AutoscalerParts, service: string): boolean {
  return runtime.value.counts[service]?.pinned === true;
}

function scalable({ desired }: AutoscalerParts): readonly ServiceSpec[] {
  const shown = desired.value.live ?? desired.value.next;
  return (shown?.services ?? []).filter(({ scale }) => scale.max > scale.min && hasTarget(scale));
}

async function read(parts: AutoscalerParts): Promise<Reading> {
  const [stats, usage] = await Promise.all([parts.ingress.stats(), usageByGroup()]);
  const { fleet, gate, desired } = parts;
  const wanted = fleet.wanted();
  return {
    cores: availableParallelism(),
    committed:
      sum(wanted.map(({ count, service }) => count * service.limits.cpu)) + sum(fleet.leaving.map(({ service }) => service.limits.cpu)),
    operating: gate.current !== null || desired.value.next !== null,
    services: scalable(parts).flatMap((service) => serviceReading(service, parts, wanted, stats, usage)),
  };
}

/** What holds a fixed port cannot be doubled. */
function serviceReading(
  service: ServiceSpec,
  parts: AutoscalerParts,
  wanted: readonly Wanted[],
  stats: IngressStats | undefined,
  usage: ReadonlyMap<number, Usage>,
): ServiceReading[] {
  const { fleet, runtime } = parts;
  const own = wanted.filter((one) => one.service.name === service.name);
  if (own.some(({ alone }) => alone)) return [];
  const replicas = fleet.replicas.filter((replica) => replica.service.name === service.name && !replica.isLeaving);
  return [
    {
      name: service.name,
      scale: service.scale,
      count: countOf(service, runtime.value.counts),
      cost: sum(own.map((one) => one.service.limits.cpu)),
      pinned: isPinned(parts, service.name),
      replicas: replicas.map((replica) => replicaReading(replica, stats, usage)),
    },
  ];
}

function replicaReading(
  { id, identity, phase, service }: Replica,
  stats: IngressStats | undefined,
  usage: ReadonlyMap<number, Usage>,
): ReplicaReading {
  return {
    key: `${id} ${identity?.pid ?? 0}`,
    ready: phase === 'ready',
    limit: service.limits.cpu,
    cpuSeconds: identity === undefined ? undefined : usage.get(identity.pid)?.cpuSeconds,
    inFlight: stats === undefined ? undefined : (stats.inFlight[id] ?? 0),
  };
}

/** A number that a person has asked for meanwhile stays. */
function carryOut(parts: AutoscalerParts, decisions: readonly ScalingDecision[]): void {
  const { hub, runtime, fleet, options } = parts;
  const made = decisions.filter(({ service }) => !isPinned(parts, service));
  void runtime.update(({ counts, scaling }) => ({
    counts: { ...counts, ...Object.fromEntries(made.flatMap(newCount)) },
    scaling: [...made, ...scaling].slice(0, kept),
  }));
  for (const { service, from, to, reason, at } of made) {
    const words = from === to ? reason : `${from} -> ${to} replicas: ${reason}`;
    hub.say('scale', service, words, from === to ? 'warn' : 'info');
    void appendFile(logFile(options.places.logDir, autoscalerLog(service)), `${at} ${words}\n`, { mode: 0o600 }).catch(() => undefined);
  }
  fleet.update();
}

function newCount({ service, from, to }: ScalingDecision): [string, Runtime['counts'][string]][] {
  return from === to ? [] : [[service, { count: to, pinned: false }]];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
