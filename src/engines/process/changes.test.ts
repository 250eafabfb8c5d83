import { describe, expect, it } from 'vitest';
import type { Desired } from '../../platforms/local/protocol.ts';
import type { ResourceSpec, ServiceSpec, SetSpec } from '../../stack/process.ts';
import { changes } from './changes.ts';

const web: ServiceSpec = {
  name: 'web',
  kind: 'web',
  content: 'aaaaaaaaaaaa',
  run: ['node', 'a.js'],
  env: {},
  fixedPort: false,
  limits: { cpu: 1, memory: 1 },
  scale: { min: 1, max: 1 },
  replicas: 1,
};
const db: ResourceSpec = { name: 'db', type: 'postgres', version: 17, user: 'a', password: { $secret: 'db.password' } };

const set = (service: Partial<ServiceSpec> = {}, more: Partial<SetSpec> = {}): SetSpec => ({
  release: 'r',
  secrets: {},
  drainMs: 1,
  graceMs: 1,
  sites: [],
  services: [{ ...web, ...service }],
  ...more,
});

const now = (live: SetSpec | null, resources: readonly ResourceSpec[] = []): Desired => ({
  resources: { resources },
  entry: { limits: {} as Desired['entry']['limits'] },
  live,
  next: null,
  share: 0,
});

const difference = (before: SetSpec, after: SetSpec): unknown => {
  const [only] = changes(now(before), { next: after });
  return [only?.kind, only?.detail];
};

describe('changes of services', () => {
  it('compares what serves now with what will serve in the end', () => {
    expect(changes(undefined, { next: set() })).toMatchObject([{ kind: 'create', subject: 'service/web', detail: 'aaaaaaaa' }]);
    expect(difference(set(), set({}, { release: 'another' }))).toEqual(['unchanged', '']);
    expect(changes(now(set()), { live: set({}, { services: [] }) })).toMatchObject([{ kind: 'delete', subject: 'service/web' }]);
  });

  it.each<[string, Partial<ServiceSpec>, Partial<ServiceSpec>, string]>([
    ['content by its first digits', {}, { content: 'bbbbbbbbbbbb' }, 'content aaaaaaaa -> bbbbbbbb'],
    ['a command by its name', {}, { run: ['node', 'b.js'] }, 'run'],
    ['a route with both values', { route: '/' }, { route: '/web' }, 'route / -> /web'],
    ['variables by name, never by value', { env: { A: 'canary', B: '1' } }, { env: { A: 'x', C: '2' } }, 'variables ~A -B +C'],
    ['limits of scaling', { scale: { min: 2, max: 2 } }, { scale: { min: 2, max: 6, cpu: 70 } }, 'scale 2 -> 2..6 cpu 70'],
    ['several at once', {}, { content: 'bbbbbbbbbbbb', run: [] }, 'content aaaaaaaa -> bbbbbbbb, run'],
  ])('says in words: %s', (_name, before, after, detail) => {
    expect(difference(set(before), set(after))).toEqual(['update', detail]);
  });

  it('does not call the number of replicas that run now a change', () => {
    expect(difference(set({ replicas: 4 }), set({ replicas: 1 }))).toEqual(['unchanged', '']);
  });

  it('sees a new version of a secret that the service is given, and of no other', () => {
    const env = { KEY: { $secret: 'KEY' }, URL: ['http://', { $secret: 'HOST' }] };
    const before = set({ env }, { secrets: { KEY: 1, HOST: 1, OTHER: 1 } });
    expect(difference(before, set({ env }, { secrets: { KEY: 2, HOST: 1, OTHER: 1 } }))).toEqual(['update', 'secret KEY version 1 -> 2']);
    expect(difference(before, set({ env }, { secrets: { KEY: 1, HOST: 2, OTHER: 1 } }))).toEqual(['update', 'secret HOST version 1 -> 2']);
    expect(difference(before, set({ env }, { secrets: { KEY: 1, HOST: 1, OTHER: 2 } }))).toEqual(['unchanged', '']);
  });

  it('tells of downtime where a program takes a fixed port that only one can have', () => {
    const alone = { fixedPort: true, run: ['python3', 'main.py'] };
    expect(changes(now(set(alone)), { next: set({ ...alone, content: 'b' }) })).toMatchObject([{ kind: 'update', downtime: true }]);
    expect(changes(now(set()), { next: set({ content: 'b' }) })).toMatchObject([{ kind: 'update', downtime: false }]);
  });
});

describe('changes of resources', () => {
  it('calls the removal of a resource a loss of data', () => {
    expect(changes(now(null, [db]), { resources: { resources: [] } })).toMatchObject([
      { kind: 'delete', subject: 'resource/db', dataLoss: true },
    ]);
  });

  it('calls another major or kind a replacement that loses data', () => {
    expect(changes(now(null, [db]), { resources: { resources: [{ ...db, version: 18 }] } })).toEqual([
      { kind: 'replace', subject: 'resource/db', detail: 'version 17 -> 18', downtime: true, dataLoss: true },
    ]);
    expect(changes(now(null, [db]), { resources: { resources: [db] } })).toMatchObject([{ kind: 'unchanged', dataLoss: false }]);
  });
});
