/** Checks a routing table that came from a file or a socket. Pure. */
import { GantryError } from '../../../errors.ts';
import type { EntryLimits } from '../../../stack/process.ts';
import type { ReplicaAddress, RouteTable, RoutingTable, SetTable } from './table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @throws GantryError GL2001 that names the first field which is wrong */
export function checkTable(value: unknown): RoutingTable {
  const table = fields(value, 'table');
  return {
    version: integer(table, 'version', 0),
    limits: limits(table['limits']),
    share: integer(table, 'share', 0, 100),
    setKey: word(table, 'setKey', true),
    live: set(table['live'], 'live'),
    next: set(table['next'], 'next'),
  };
}

function limits(value: unknown): EntryLimits {
  const from = fields(value, 'limits');
  return {
    headerBytes: integer(from, 'headerBytes', 1024, 1024 * 1024),
    bodyBytes: integer(from, 'bodyBytes', 0),
    headersTimeoutMs: integer(from, 'headersTimeoutMs', 1),
    idleTimeoutMs: integer(from, 'idleTimeoutMs', 1),
    responseTimeoutMs: integer(from, 'responseTimeoutMs', 1),
    holdMs: integer(from, 'holdMs', 0),
  };
}

function set(value: unknown, name: string): SetTable | null {
  if (value === null) return null;
  const from = fields(value, name);
  return {
    release: word(from, 'release'),
    routes: items(from, 'routes').map(route),
    internal: items(from, 'internal').map((entry) => ({ service: word(entry, 'service'), port: integer(entry, 'port', 1, 65535) })),
  };
}

function route(from: Fields): RouteTable {
  const service = word(from, 'service');
  if (from['kind'] === 'site') {
    const fallback = from['fallback'] === undefined ? {} : { fallback: word(from, 'fallback') };
    return { kind: 'site', service, prefix: path(from, 'prefix'), dir: path(from, 'dir'), ...fallback };
  }
  if (from['kind'] !== 'service') throw wrong('kind', 'is neither "service" nor "site"');
  const prefix = from['prefix'] === undefined ? {} : { prefix: path(from, 'prefix') };
  return { kind: 'service', service, ...prefix, replicas: items(from, 'replicas').map(replica) };
}

function replica(from: Fields): ReplicaAddress {
  const { state } = from;
  if (state !== 'ready' && state !== 'draining') throw wrong('state', 'is neither "ready" nor "draining"');
  return { id: word(from, 'id'), port: integer(from, 'port', 1, 65535), state };
}

function fields(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'is not an object');
  return value as Fields;
}

function items(from: Fields, name: string): Fields[] {
  const value = from[name];
  if (!Array.isArray(value)) throw wrong(name, 'is not a list');
  return value.map((item) => fields(item, name));
}

function integer(from: Fields, name: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = from[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
    throw wrong(name, `is not a whole number from ${min} to ${max}`);
  return value;
}

function word(from: Fields, name: string, mayBeEmpty = false): string {
  const value = from[name];
  if (typeof value !== 'string' || (value === '' && !mayBeEmpty)) throw wrong(name, 'is not a text');
  return value;
}

function path(from: Fields, name: string): string {
  const value = word(from, name);
  if (!value.startsWith('/')) throw wrong(name, 'does not start with /');
  return value;
}

function wrong(name: string, why: string): GantryError {
  return new GantryError('GL2001', `the routing table is wrong: ${name} ${why}`, { where: name });
}
