/** The whole status as a person reads it at 3 a.m.; pure but for colours. */
import type { ReplicaStatus, ScalingDecision, ServiceStatus, Status } from '../../platforms/platform.ts';
import type { Io } from '../io.ts';
import { recordOf, type Past } from '../past.ts';
import { printable } from './error.ts';
import { paint } from './paint.ts';
import { releaseName } from './release.ts';
import { ago, clock, count, table } from './text.ts';

/** The record of the release that serves. */
export interface Served {
  readonly number: number;
  /** When it was promoted, ISO 8601. */
  readonly at: string;
  readonly who: string;
  /** The release that a rollback goes to, if any. */
  readonly before: { readonly number: number; readonly release: string } | null;
}

/** @param release what runs as the live one: while its predecessor still stops, the record does not call it promoted yet */
export function servedBy({ records, state, live }: Pick<Past, 'records' | 'state' | 'live'>, release: string | null): Served | undefined {
  const retiring = release === null || release === state.live ? undefined : records.findLast((record) => record.release === release);
  const record = retiring ?? live;
  if (record === undefined) return undefined;
  const before = recordOf(records, retiring === undefined ? state.previous : state.live);
  return {
    number: record.number,
    at: record.ended ?? record.begun,
    who: record.who,
    before: before === undefined ? null : { number: before.number, release: before.release ?? '' },
  };
}

export interface StatusInput {
  readonly status: Status;
  /** Undefined when nothing is recorded. */
  readonly served: Served | undefined;
  /** Replicas and resources that a supervisor which died has left behind. */
  readonly unattended: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const shownDecisions = 3;

export function statusLines(io: Io, input: StatusInput): string[] {
  const { status } = input;
  const { bold, dim } = paint(io);
  const head = `${bold(status.app)}  ${status.environment}  ${releaseText(input)}  ${status.state}${status.url === '' ? '' : `  ${status.url}`}`;
  const resources = status.resources.map(({ name, state, version, type, connection, detail }) => [
    name,
    state,
    [version ?? type, connection, detail].filter(Boolean).join('  '),
  ]);
  return [
    head,
    ...operationLines(status),
    ...(status.problems ?? []).map(({ message }) => `  ! ${printable(message)}`),
    ...table([...status.services.flatMap((service) => serviceRows(service, status)), ...resources]),
    ...status.scaling.slice(0, shownDecisions).map((decision) => dim(decisionLine(decision))),
    ...nextLines(input).map(dim),
  ];
}

/** `release 42 (3f9a...) promoted 2 h ago by ana@laptop` */
function releaseText({ status, served, now }: StatusInput): string {
  if (status.release === null && (status.state !== 'stopped' || served === undefined)) return 'no release';
  if (served === undefined) return `release ${status.release ?? ''}`;
  const name = status.release === null ? `release ${served.number}` : releaseName(served.number, status.release);
  return `${name} promoted ${ago(now - Date.parse(served.at))} by ${served.who}`;
}

function operationLines({ operation, share }: Status): string[] {
  if (operation === null) return [];
  const { name, who, since, step } = operation;
  return [
    `  ${name} by ${who}, since ${clock(new Date(since))}, step ${step}${share === 0 ? '' : `, ${share} % of the requests on the next set`}`,
  ];
}

/** While two sets stand, each has its own line. */
function serviceRows(service: ServiceStatus, { next }: Status): string[][] {
  const second = next?.services.find(({ name }) => name === service.name);
  if (second === undefined) return [serviceRow(service.name, service)];
  const own = service.replicas.filter(({ set }) => set !== 'next');
  return [serviceRow(service.name, { ...service, replicas: own }), serviceRow('  next', second)];
}

function serviceRow(name: string, service: ServiceStatus): string[] {
  const notes = [service.pinned ? 'pinned' : '', service.degraded ? 'degraded' : '', texts(service.replicas, service)];
  const ready = service.kind === 'static' ? 'files' : `${service.ready}/${service.desired}`;
  return [name, ready, notes.filter(Boolean).join('  ')];
}

function texts(replicas: readonly ReplicaStatus[], { kind }: ServiceStatus): string {
  return replicas.map((replica) => replicaText(replica, kind !== 'worker')).join('  ');
}

/** A worker is given a port like everybody, but need not listen there. */
function replicaText(replica: ReplicaStatus, listens: boolean): string {
  const restarts = replica.restarts === 0 ? '' : `, restarted ${count(replica.restarts, 'time')}`;
  const detail = replica.detail === undefined ? '' : ` (${printable(replica.detail)})`;
  const state = replica.state === 'ready' ? '' : ` ${replica.state}`;
  return `${replica.pid === 0 ? '' : `pid ${replica.pid} `}${replica.port === 0 || !listens ? '' : `:${replica.port}`}${state}${restarts}${detail}`;
}

/** `scaled backend 2 -> 4 at 10:41:02: cpu 93 % of the limit, target 70 %` */
function decisionLine({ at, service, from, to, reason }: ScalingDecision): string {
  const what = from === to ? `${service} stays at ${to}` : `scaled ${service} ${from} -> ${to}`;
  return `  ${what} at ${at.slice(11, 19)}: ${printable(reason)}`;
}

function nextLines({ status, served, unattended }: StatusInput): string[] {
  if (status.state === 'stopped') return stoppedLines(unattended);
  const { environment, operation } = status;
  if (operation !== null && ['canary', 'bake'].includes(operation.step)) return [`  Next: gantry rollback ${environment} ends it`];
  if (status.state !== 'degraded') return [];
  const worst = status.services.find(({ degraded, ready, desired }) => degraded || ready < desired);
  const back = served?.before;
  const ways = [
    `gantry logs ${environment}${worst === undefined ? '' : ` ${worst.name}`} --since 15m`,
    ...(back == null ? [] : [`gantry rollback ${environment} (${releaseName(back.number, back.release)})`]),
  ];
  return [`  Next: ${ways.join(' · ')}`];
}

function stoppedLines(unattended: number): string[] {
  if (unattended === 0) return ['  Next: gantry up'];
  return [
    `  ${count(unattended, 'replica or resource', 'replicas and resources')} still run, but neither supervisor nor ingress does.`,
    '  Next: gantry up (goes on with them) · gantry down (stops them)',
  ];
}
