/** Which parts of the picture are joined, and how fast what flows there moves; pure. */
import type { Sample, Service, Shape } from '../../../../src/server/api/index.ts';

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Requests each second; null: not measured, or no requests flow here. */
  readonly perSecond: number | null;
  readonly release: string | null;
}

export interface SetInPicture {
  readonly set: 'live' | 'next';
  readonly release: string | null;
  readonly services: readonly Service[];
}

export const usersNode = 'users';
export const ingressNode = 'ingress';

export function serviceNode(set: string, service: string): string {
  return `${set} ${service}`;
}

export function resourceNode(resource: string): string {
  return `resource ${resource}`;
}

/** From the users to the services that have a route, and from services to the resources that they use. */
export function edgesOf(sets: readonly SetInPicture[], shape: Shape | undefined, sample: Sample | undefined): Edge[] {
  const measured = sample === undefined || 'unsupported' in sample ? undefined : sample;
  const resources = new Set(shape?.resources.map(({ name }) => name));
  const requests = sets.flatMap(({ set, release, services }) =>
    services.filter(isReached).map(({ name }) => ({
      from: ingressNode,
      to: serviceNode(set, name),
      perSecond: measured?.services.find((each) => each.service === name && each.set === set)?.traffic.perSecond ?? null,
      release,
    })),
  );
  const uses = sets.flatMap(({ set, services }) =>
    services.flatMap(({ name }) =>
      (shape?.services.find((service) => service.name === name)?.uses ?? [])
        .filter((used) => resources.has(used))
        .map((used) => ({ from: serviceNode(set, name), to: resourceNode(used), perSecond: null, release: null })),
    ),
  );
  return [{ from: usersNode, to: ingressNode, perSecond: measured?.total.perSecond ?? null, release: null }, ...requests, ...uses];
}

function isReached({ kind, route }: Service): boolean {
  return kind !== 'worker' && route !== undefined;
}

/** Few speeds, so that small changes do not start the movement anew. 0: nothing moves. */
export function speedOf(perSecond: number | null): 0 | 1 | 2 | 3 | 4 {
  if (perSecond === null || perSecond <= 0) return 0;
  if (perSecond < 3) return 1;
  if (perSecond < 30) return 2;
  return perSecond < 300 ? 3 : 4;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A curve from the right side of one box to the left side of the other, as SVG path data. */
export function curve(from: Box, to: Box): string {
  const [x1, y1] = [from.left + from.width, from.top + from.height / 2];
  const [x2, y2] = [to.left, to.top + to.height / 2];
  const bend = Math.max(16, (x2 - x1) / 2);
  return `M${round(x1)} ${round(y1)}C${round(x1 + bend)} ${round(y1)} ${round(x2 - bend)} ${round(y2)} ${round(x2)} ${round(y2)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
