/** Numbers over time for the tests of their page: a day's wave, a release in it, a pause in which nothing was measured. */
import type { History, Marker, Measured, ScalingDecision, ServiceHistory } from '../../src/server/api/index.ts';

const MiB = 1024 * 1024;
const steps: Readonly<Record<number, number>> = { 15: 2000, 60: 10_000, 360: 60_000 };

/** @param now ms since 1970 */
export function historyOf(minutes: number, now = Date.now(), services: readonly string[] = ['backend', 'frontend']): History {
  const stepMs = steps[minutes] ?? 2000;
  const count = (minutes * 60_000) / stepMs;
  const end = Math.floor(now / stepMs) * stepMs;
  const times = Array.from({ length: count }, (_, index) => end - (count - 1 - index) * stepMs);
  return {
    stepMs,
    times,
    services: services.map((service, index) => columnsOf(service, times, index)),
    markers: markersIn(times),
    decisions: decisionsIn(times),
    unsupported: null,
  };
}

/** The part of the time in which nothing was measured. */
export function isGap(index: number, count: number): boolean {
  return index > count * 0.3 && index < count * 0.36;
}

function columnsOf(service: string, times: readonly number[], offset: number): ServiceHistory {
  const column = (value: (wave: number, index: number) => number | null): (number | null)[] =>
    times.map((_, index) => (isGap(index, times.length) ? null : value(waveAt(index / times.length, offset), index)));
  const replicas = (index: number): number => (index / times.length > 0.7 ? 4 : 2);
  return {
    service,
    perSecond: column((wave) => 20 + 80 * wave),
    errors: column((_, index) => (index % 97 === 0 ? 1.5 : 0)),
    p50: column((wave) => 3 + 4 * wave),
    p95: column((wave) => 12 + 20 * wave),
    p99: column((wave) => 25 + 60 * wave),
    inFlight: column((wave) => Math.round(wave * 4)),
    cpu: column((wave, index) => (0.06 + 0.17 * wave) * (replicas(index) / 2)),
    cpuLimit: column((_, index) => 0.25 * replicas(index)),
    memory: column((wave, index) => (60 + 25 * wave) * MiB * replicas(index)),
    memoryLimit: column((_, index) => 256 * MiB * replicas(index)),
    ready: column((_, index) => replicas(index)),
    restarts: column((_, index) => (index === Math.floor(times.length / 2) ? 1 : 0)),
  };
}

/** 0 to 1, the same every time. */
function waveAt(part: number, offset: number): number {
  return 0.5 + 0.35 * Math.sin(part * 9 + offset) + 0.15 * Math.sin(part * 61 + offset * 3);
}

function momentAt(times: readonly number[], part: number): number {
  return times[Math.floor(times.length * part)] ?? 0;
}

function markersIn(times: readonly number[]): Marker[] {
  return [
    { at: momentAt(times, 0.2), kind: 'promoted', text: 'release 42' },
    { at: momentAt(times, 0.5), kind: 'restart', text: 'backend-3f9a-1 restarted' },
    { at: momentAt(times, 0.7), kind: 'scale', text: 'backend 2 -> 4' },
    { at: momentAt(times, 0.85), kind: 'rolled back', text: 'release 43' },
  ];
}

function decisionsIn(times: readonly number[]): ScalingDecision[] {
  const at = (part: number): string => new Date(momentAt(times, part)).toISOString();
  return [
    { at: at(0.9), service: 'backend', from: 4, to: 4, reason: 'held: machine full' },
    { at: at(0.7), service: 'backend', from: 2, to: 4, reason: 'cpu 93 % of the limit, target 70 %' },
  ];
}

/** One look at both services. @param at ms since 1970 */
export function sampleAt(at: number, perSecond: number, restarts = 0): Measured {
  const traffic = { perSecond, errors: 0, refused: 0, p50: 4, p95: 15, p99: 30 };
  const names = ['backend', 'frontend'];
  return {
    at,
    overMs: 2000,
    total: { ...traffic, perSecond: perSecond * 2 },
    services: names.map((service) => ({ service, set: 'live', release: 'a', inFlight: 1, traffic })),
    replicas: names.map((service) => ({
      id: `${service}-3f9a-1`,
      service,
      release: 'a',
      set: 'live',
      ready: true,
      restarts,
      perSecond,
      failures: 0,
      inFlight: 1,
      cpu: 0.1,
      cpuLimit: 0.25,
      memory: 70 * MiB,
      memoryLimit: 256 * MiB,
    })),
  };
}
