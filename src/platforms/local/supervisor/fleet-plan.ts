/** What should run and what has to be started and stopped for it, as pure functions. */
import type { ServiceSpec, SetSpec } from '../../../stack/process.ts';
import type { Desired } from '../protocol.ts';
import type { MachineSettings, Phase } from './replica-machine.ts';
import type { Pin } from './runtime.ts';

export interface Wanted {
  readonly release: string;
  readonly service: ServiceSpec;
  readonly settings: MachineSettings;
  readonly count: number;
  /** Its program holds a fixed port: one process at a time, over all sets. */
  readonly alone: boolean;
}

export interface Present {
  readonly id: string;
  readonly service: string;
  readonly release: string;
  readonly ordinal: number;
  readonly phase: Phase;
  /** Has been told to end. */
  readonly leaving: boolean;
}

export interface FleetPlan {
  readonly start: readonly { readonly wanted: Wanted; readonly ordinal: number }[];
  readonly stop: readonly string[];
}

export interface WantedInput {
  readonly desired: Desired;
  readonly counts: Readonly<Record<string, Pin>>;
  /** Extra replicas while others are being replaced, by `slot`. */
  readonly surge: ReadonlyMap<string, number>;
  isAlone(service: ServiceSpec): boolean;
}

const defaultStartupMs = 60_000;

export function slot(release: string, service: string): string {
  return `${release}/${service}`;
}

/** Replicas that a service should have: what was asked for at run time, else what its set says; always within the limits of its set. */
export function countOf(service: ServiceSpec, counts: Readonly<Record<string, Pin>>): number {
  const count = counts[service.name]?.count ?? service.replicas;
  return Math.min(Math.max(count, service.scale.min), service.scale.max);
}

export function wantedOf({ desired, counts, surge, isAlone }: WantedInput): Wanted[] {
  const sets = [desired.live, desired.next].filter((set) => set !== null);
  const unique = [...new Map(sets.map((set) => [set.release, set])).values()];
  return unique.flatMap((set) =>
    set.services.map((service) => {
      const alone = isAlone(service);
      const count = alone
        ? Number(set.release === ownerOf(service.name, desired))
        : countOf(service, counts) + (surge.get(slot(set.release, service.name)) ?? 0);
      return { release: set.release, service, settings: settingsOf(service, set), count, alone };
    }),
  );
}

/** The set whose program holds the one port: the newest that has the service. */
export function ownerOf(service: string, { live, next }: Desired): string | undefined {
  return [next, live].find((set) => set?.services.some(({ name }) => name === service) === true)?.release;
}

export function settingsOf(service: ServiceSpec, set: Pick<SetSpec, 'drainMs' | 'graceMs'>): MachineSettings {
  const { health, port } = service;
  return {
    probe: health !== undefined ? 'http' : port !== undefined ? 'tcp' : 'none',
    live: health?.live !== undefined,
    rise: health?.rise ?? 1,
    fall: health?.fall ?? 3,
    startupMs: health?.startupMs ?? defaultStartupMs,
    drainMs: set.drainMs,
    graceMs: set.graceMs,
  };
}

export function planFleet(wanted: readonly Wanted[], present: readonly Present[]): FleetPlan {
  const slots = new Set(wanted.map(({ release, service }) => slot(release, service.name)));
  const stray = present.filter(({ release, service, leaving }) => !leaving && !slots.has(slot(release, service)));
  const plans = wanted.map((one) => planSlot(one, present));
  return { start: plans.flatMap(({ start }) => start), stop: [...stray.map(({ id }) => id), ...plans.flatMap(({ stop }) => stop)] };
}

function planSlot(wanted: Wanted, present: readonly Present[]): FleetPlan {
  const name = wanted.service.name;
  const own = present.filter(({ release, service }) => release === wanted.release && service === name);
  const staying = own.filter(({ leaving }) => !leaving);
  const missing = wanted.count - staying.length;
  if (missing < 0)
    return {
      start: [],
      stop: leastUseful(staying)
        .slice(0, -missing)
        .map(({ id }) => id),
    };
  if (wanted.alone && present.some(({ service }) => service === name)) return { start: [], stop: [] };
  return { start: freeOrdinals(own, missing).map((ordinal) => ({ wanted, ordinal })), stop: [] };
}

/** Those that do not serve go first, then the youngest. */
function leastUseful(replicas: readonly Present[]): Present[] {
  const serves = ({ phase }: Present): number => Number(phase === 'ready');
  return replicas.toSorted((a, b) => serves(a) - serves(b) || b.ordinal - a.ordinal);
}

function freeOrdinals(own: readonly Present[], count: number): number[] {
  const taken = new Set(own.map(({ ordinal }) => ordinal));
  const free: number[] = [];
  for (let ordinal = 1; free.length < count; ordinal += 1) {
    if (!taken.has(ordinal)) free.push(ordinal);
  }
  return free;
}

/** `backend-3f9a-1`. More of the release is shown where four digits would name two of them. */
export function replicaId(service: string, release: string, ordinal: number, others: readonly string[]): string {
  const digits = others.some((other) => other !== release && other.slice(0, 4) === release.slice(0, 4)) ? 12 : 4;
  return `${service}-${release.slice(0, digits)}-${ordinal}`;
}
