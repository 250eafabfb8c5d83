import { expect, it } from 'vitest';
import { defaultLimits } from './ingress.ts';
import { checkTable } from './table-check.ts';
import type { RoutingTable } from './table.ts';

const good: RoutingTable = {
  version: 3,
  limits: defaultLimits,
  share: 5,
  setKey: 'k',
  live: {
    release: 'r1',
    routes: [
      { kind: 'service', service: 'api', prefix: '/api', replicas: [{ id: 'api-1', port: 4000, state: 'ready' }] },
      { kind: 'service', service: 'inside', replicas: [] },
      { kind: 'site', service: 'web', prefix: '/', dir: '/srv/web', fallback: 'index.html' },
    ],
    internal: [{ service: 'api', port: 5000 }],
  },
  next: null,
};

it('takes a table through JSON as it was', () => {
  expect(checkTable(JSON.parse(JSON.stringify(good)))).toEqual(good);
});

it.each<[string, unknown]>([
  ['table', null],
  ['version', { ...good, version: 1.5 }],
  ['share', { ...good, share: 101 }],
  ['limits', { ...good, limits: undefined }],
  ['bodyBytes', { ...good, limits: { ...good.limits, bodyBytes: '1' } }],
  ['live', { ...good, live: [] }],
  ['routes', { ...good, live: { ...good.live, routes: {} } }],
  ['kind', { ...good, live: { ...good.live, routes: [{ kind: 'other', service: 'x' }] } }],
  ['prefix', { ...good, live: { ...good.live, routes: [{ kind: 'site', service: 'x', prefix: 'x', dir: '/' }] } }],
  ['port', { ...good, live: { ...good.live, internal: [{ service: 'x', port: 0 }] } }],
  [
    'state',
    { ...good, live: { ...good.live, routes: [{ kind: 'service', service: 'x', replicas: [{ id: 'a', port: 1, state: 'gone' }] }] } },
  ],
])('names what is wrong: %s', (where, table) => {
  expect(() => checkTable(table)).toThrowError(expect.objectContaining({ code: 'GL2001', where }));
});
