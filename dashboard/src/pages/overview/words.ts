/** What runs, in sentences; pure. */
import type { PlaceStatus, Replica, ScalingDecision, Service } from '../../../../src/server/api/index.ts';
import { count } from '../../ui/format.ts';
import { toneOf, type Tone } from '../../ui/tones.ts';

/** Everything of the live set that runs as processes. */
export function liveReplicas(service: Service): readonly Replica[] {
  return service.replicas.filter(({ set }) => set !== 'next');
}

/** One sentence about the whole place. */
export function stateText({ state, services }: PlaceStatus): string {
  const running = services.filter(({ kind }) => kind !== 'static');
  const short = running.filter((service) => service.degraded || service.ready < service.desired);
  const desired = running.reduce((sum, service) => sum + service.desired, 0);
  const ready = running.reduce((sum, service) => sum + service.ready, 0);
  if (state === 'stopped') return 'Nothing runs.';
  if (state === 'starting') return `${ready} of ${count(desired, 'replica')} ready so far.`;
  if (short.length === 0)
    return state === 'running' ? `All ${count(desired, 'replica')} are ready.` : `${ready} of ${count(desired, 'replica')} ready.`;
  return `${short.map((service) => `${service.name} ${service.ready}/${service.desired}`).join(', ')} ready.`;
}

export interface Trouble {
  readonly key: string;
  /** Of a service; null when it is about the place. */
  readonly service: string | null;
  readonly text: string;
}

/** What is wrong, the worst first: what could not be done, replicas that are not well, resources that are down. */
export function troubles({ services, resources, problems = [], state }: PlaceStatus): Trouble[] {
  if (state === 'stopped') return [];
  return [
    ...problems.map(({ message }, index) => ({ key: `problem ${index}`, service: null, text: message })),
    ...resources
      .filter((resource) => resource.state === 'failed' || resource.state === 'stopped')
      .map((resource) => ({
        key: `resource ${resource.name}`,
        service: null,
        text: joined(`${resource.name} ${resource.state}`, resource.detail),
      })),
    ...services.flatMap((service) => serviceTroubles(service)),
  ];
}

function serviceTroubles(service: Service): Trouble[] {
  const ill = liveReplicas(service).filter(
    (replica) => replica.state === 'failed' || replica.state === 'waiting' || replica.state === 'unready',
  );
  if (ill.length === 0 && service.degraded) {
    return [{ key: service.name, service: service.name, text: `${service.name} is degraded: ${service.ready}/${service.desired} ready` }];
  }
  return ill.map((replica) => ({
    key: replica.id,
    service: service.name,
    text: joined(`${replica.id} ${replica.state}${restartText(replica)}`, replica.detail),
  }));
}

function restartText({ restarts }: Replica): string {
  return restarts === 0 ? '' : `, restarted ${count(restarts, 'time')}`;
}

function joined(what: string, why: string | undefined): string {
  return why === undefined || why === '' ? what : `${what}: ${why}`;
}

/** `backend 2 -> 4`, or that it stays. */
export function decisionText({ service, from, to }: ScalingDecision): string {
  return from === to ? `${service} stays at ${to}` : `${service} ${from} -> ${to}`;
}

/** A replica that waits is one that died and is started again later; a step that waits is only not begun. */
export function toneOfReplica({ state }: Replica): Tone {
  return state === 'waiting' ? 'bad' : toneOf(state);
}

/** `frontend 2/2`, `db ready` */
export function countTexts({ services, resources }: PlaceStatus): string[] {
  return [
    ...services.map(({ name, kind, ready, desired }) => (kind === 'static' ? `${name} files` : `${name} ${ready}/${desired}`)),
    ...resources.map(({ name, state }) => `${name} ${state}`),
  ];
}

/** Name of a replica for those who hear it: `backend-3f9a-1: ready, release 42, restarted 2 times`. */
export function replicaText(replica: Replica, number: number | undefined): string {
  const detail = replica.detail === undefined ? '' : `, ${replica.detail}`;
  return `${replica.id}: ${replica.state}, release ${releaseText(replica, number)}${restartText(replica)}${detail}`;
}

/** Its number, or its id while that is not known. */
export function releaseText({ release }: Replica, number: number | undefined): string {
  return number === undefined || number === 0 ? release : String(number);
}

/** What is left of `backend-3f9a-12` inside its own service and release: `12`. */
export function ordinalOf(id: string): string {
  return /-(\d+)$/.exec(id)?.[1] ?? id;
}

/** An address that may be a link; anything but http stays text. */
export function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
