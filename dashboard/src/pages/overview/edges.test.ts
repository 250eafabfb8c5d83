import { expect, it } from 'vitest';
import type { Sample, Service, Shape } from '../../../../src/server/api/index.ts';
import { curve, edgesOf, speedOf } from './edges.ts';

const web: Service = { name: 'backend', kind: 'web', route: '/api', desired: 1, pinned: false, ready: 1, degraded: false, replicas: [] };
const { route: _route, ...unrouted } = web;
const worker: Service = { ...unrouted, name: 'mailer', kind: 'worker' };
const limits = { cpu: 1, memory: 1 };
const shape: Shape = {
  app: 'taskly',
  environment: 'local',
  services: [
    { name: 'backend', kind: 'web', route: '/api', min: 1, max: 2, limits, uses: ['db', 'mailer'] },
    { name: 'mailer', kind: 'worker', route: null, min: 1, max: 1, limits, uses: ['db'] },
  ],
  resources: [{ name: 'db', type: 'postgres', version: 17, external: false }],
};
const traffic = { perSecond: 10, errors: 0, refused: 0, p50: 1, p95: 1, p99: 1 };
const sample: Sample = {
  at: 0,
  overMs: 1000,
  total: { ...traffic, perSecond: 12 },
  services: [
    { service: 'backend', set: 'live', release: 'a', inFlight: 0, traffic },
    { service: 'backend', set: 'next', release: 'b', inFlight: 0, traffic: { ...traffic, perSecond: 2 } },
  ],
  replicas: [],
};
const live = { set: 'live', release: 'a', services: [web, worker] } as const;
const next = { set: 'next', release: 'b', services: [web] } as const;

it('joins users, routed services of each set, and what the app file says they use', () => {
  expect(edgesOf([live, next], shape, sample).map(({ from, to, perSecond }) => `${from} > ${to} ${perSecond}`)).toEqual([
    'users > ingress 12',
    'ingress > live backend 10',
    'ingress > next backend 2',
    'live backend > resource db null',
    'live mailer > resource db null',
    'next backend > resource db null',
  ]);
});

it('says that nothing is measured rather than 0', () => {
  expect(edgesOf([live], shape, { unsupported: 'no' }).map(({ perSecond }) => perSecond)).toEqual([null, null, null, null]);
  expect(edgesOf([live], undefined, undefined)).toHaveLength(2);
});

it('moves in steps, and not at all without requests', () => {
  expect([null, 0, 0.2, 10, 100, 5000].map(speedOf)).toEqual([0, 0, 1, 2, 3, 4]);
});

it('draws from right to left side', () => {
  expect(curve({ left: 0, top: 0, width: 10, height: 10 }, { left: 50, top: 20, width: 10, height: 10 })).toBe('M10 5C30 5 30 25 50 25');
});
