/** The ingress's table out of what should be and what runs; pure. */
import { join } from 'node:path';
import type { ServiceSpec, SetSpec, SiteSpec } from '../../../stack/process.ts';
import type { ReplicaAddress, RouteTable, RoutingTable, SetTable } from '../ingress/table.ts';
import type { Desired } from '../protocol.ts';
import type { Phase } from './replica-machine.ts';
import type { InternalPort } from './runtime.ts';

export interface Routable {
  readonly id: string;
  readonly service: string;
  readonly release: string;
  readonly port: number;
  readonly phase: Phase;
  /** Its last probe got no answer at all. */
  readonly silent: boolean;
}

export interface RoutesInput {
  readonly desired: Desired;
  readonly replicas: readonly Routable[];
  readonly internal: readonly InternalPort[];
  readonly contentDir: string;
  readonly setKey: string;
  /** Services with one process over all sets. */
  readonly alone: ReadonlySet<string>;
}

export function buildTable(input: RoutesInput): Omit<RoutingTable, 'version'> {
  const { desired, setKey } = input;
  const live = desired.live === null ? null : setTable(desired.live, input);
  const next = desired.next === null ? null : setTable(desired.next, input);
  return { limits: desired.entry.limits, share: desired.share, setKey, live, next };
}

function setTable(set: SetSpec, input: RoutesInput): SetTable {
  const services = set.services.filter(({ port }) => port !== undefined).map((service) => serviceRoute(service, set.release, input));
  const sites = set.sites.map((site) => siteRoute(site, input.contentDir));
  const internal = input.internal.filter(({ release }) => release === set.release).map(({ service, port }) => ({ service, port }));
  return { release: set.release, routes: [...services, ...sites], internal };
}

function serviceRoute(service: ServiceSpec, release: string, { replicas, alone }: RoutesInput): RouteTable {
  const own = replicas.filter((replica) => replica.service === service.name && (replica.release === release || alone.has(service.name)));
  return {
    kind: 'service',
    service: service.name,
    ...(service.route === undefined ? {} : { prefix: service.route }),
    replicas: addresses(own),
  };
}

/**
 * Replicas that are ready, and those that drain. When none is ready, those that answer badly are better than nobody: the trouble lies behind
 * them (a database that is away), and they may know what to say.
 */
export function addresses(replicas: readonly Routable[]): ReplicaAddress[] {
  const ready = replicas.filter(({ phase }) => phase === 'ready');
  const taking = ready.length > 0 ? ready : replicas.filter(({ phase, silent }) => phase === 'unready' && !silent);
  const draining = replicas.filter(({ phase }) => phase === 'draining');
  const address =
    (state: ReplicaAddress['state']) =>
    ({ id, port }: Routable): ReplicaAddress => ({ id, port, state });
  return [...taking.map(address('ready')), ...draining.map(address('draining'))];
}

function siteRoute(site: SiteSpec, contentDir: string): RouteTable {
  const dir = join(contentDir, typeof site.content === 'string' ? site.content : '', site.dir);
  return { kind: 'site', service: site.name, prefix: site.route, dir, ...(site.fallback === undefined ? {} : { fallback: site.fallback }) };
}
