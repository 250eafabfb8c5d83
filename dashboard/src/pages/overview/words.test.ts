import { expect, it } from 'vitest';
import type { PlaceStatus, Replica, Service } from '../../../../src/server/api/index.ts';
import { decisionText, isWebAddress, ordinalOf, replicaText, stateText, troubles } from './words.ts';

const replica: Replica = {
  id: 'backend-3f9a-12',
  pid: 7,
  port: 4000,
  state: 'ready',
  restarts: 0,
  set: 'live',
  release: 'aaaa',
  since: '2026-01-01T00:00:00Z',
  inFlight: 0,
};

function service(over: Partial<Service> = {}): Service {
  return { name: 'backend', kind: 'web', desired: 2, pinned: false, ready: 2, degraded: false, replicas: [replica], ...over };
}

function place(over: Partial<PlaceStatus> = {}): PlaceStatus {
  return {
    app: 'taskly',
    environment: 'local',
    url: '',
    release: 'aaaa',
    state: 'running',
    services: [service()],
    resources: [],
    scaling: [],
    operation: null,
    share: 0,
    ...over,
  };
}

it('says how much of it is ready', () => {
  expect(stateText(place())).toBe('All 2 replicas are ready.');
  expect(stateText(place({ state: 'starting', services: [service({ ready: 1 })] }))).toBe('1 of 2 replicas ready so far.');
  expect(stateText(place({ state: 'degraded', services: [service({ ready: 1, degraded: true })] }))).toBe('backend 1/2 ready.');
  expect(stateText(place({ state: 'stopped', services: [] }))).toBe('Nothing runs.');
});

it('says what is wrong with the reason that the platform gives', () => {
  const waiting: Replica = { ...replica, state: 'waiting', restarts: 4, detail: 'exit 137' };
  const found = troubles(
    place({
      state: 'degraded',
      services: [service({ degraded: true, replicas: [replica, waiting] })],
      resources: [{ name: 'db', type: 'postgres', state: 'failed', detail: 'no room' }],
      problems: [{ subject: 'state', since: '', message: 'cannot save' }],
    }),
  );
  expect(found.map(({ text }) => text)).toEqual([
    'cannot save',
    'db failed: no room',
    'backend-3f9a-12 waiting, restarted 4 times: exit 137',
  ]);
});

it('leaves the next set out of what is wrong with the live one', () => {
  const next: Replica = { ...replica, set: 'next', state: 'unready' };
  expect(troubles(place({ services: [service({ replicas: [replica, next] })] }))).toEqual([]);
});

it('names a replica for those who hear it', () => {
  expect(replicaText({ ...replica, restarts: 1, detail: 'SIGKILL' }, 42)).toBe(
    'backend-3f9a-12: ready, release 42, restarted 1 time, SIGKILL',
  );
  expect(replicaText(replica, undefined)).toBe('backend-3f9a-12: ready, release aaaa');
  expect(ordinalOf(replica.id)).toBe('12');
  expect(ordinalOf('odd')).toBe('odd');
});

it('tells a decision to do nothing from one to do something', () => {
  const at = { at: '', service: 'backend', reason: '' };
  expect(decisionText({ ...at, from: 2, to: 4 })).toBe('backend 2 -> 4');
  expect(decisionText({ ...at, from: 2, to: 2 })).toBe('backend stays at 2');
});

it('makes a link of nothing but web addresses', () => {
  expect(isWebAddress('http://127.0.0.1:8080')).toBe(true);
  expect(isWebAddress('javascript:alert(1)')).toBe(false);
  expect(isWebAddress(' https://x')).toBe(false);
});
