import { beforeAll, expect, it } from 'vitest';
import { loadApp } from '../../app/load.ts';
import type { App } from '../../app/model.ts';
import type { OperationInput } from '../api/index.ts';
import { requestOf, trialRequest } from './requests.ts';

const env = { name: 'staging', target: 'local', options: {}, patches: [] } as const;
let app: App;

beforeAll(async () => {
  const text = 'gantry: 1\napp: shop\nservices:\n  web: { build: ., run: node main.js, port: 8080, route: /, scale: { min: 1, max: 3 } }\n';
  const loaded = await loadApp({ path: 'gantry.yaml', text: new TextEncoder().encode(text) });
  if ('issues' in loaded) throw new Error('issues');
  app = loaded.app;
});

const ask = (input: OperationInput, commit?: string): ReturnType<typeof requestOf> => requestOf({ app, env, commit: () => commit }, input);
const answers = { confirmed: ['G25'], allow: [{ id: 'G11', reason: 'no users yet' }], allowSchemaMismatch: true };

it('a deploy carries what a person has agreed to, and the commit', () => {
  expect(ask({ operation: 'deploy', ...answers }, 'abc')).toEqual({ operation: 'deploy', app, env, ...answers, commit: 'abc' });
  expect(ask({ operation: 'deploy', ...answers })).not.toHaveProperty('commit');
});

it('a rollback needs the name of the environment, typed exactly', () => {
  const rollback = { operation: 'rollback', ...answers } as const;
  expect(ask({ ...rollback, confirm: 'staging', release: '41' })).toEqual({ operation: 'rollback', app, env, ...answers, release: '41' });
  expect(ask({ ...rollback, confirm: 'staging' })).not.toHaveProperty('release');
  for (const confirm of ['', 'Staging', 'staging ', 'production'])
    expect(() => ask({ ...rollback, confirm })).toThrow(expect.objectContaining({ code: 'GC2007', state: 'nothing was changed' }) as Error);
});

it('scale and restart name services that are there, within their limits', () => {
  expect(ask({ operation: 'scale', service: 'web', count: 3 })).toEqual({ operation: 'scale', app, env, service: 'web', count: 3 });
  expect(ask({ operation: 'scale', service: 'web', count: 'auto' })).toMatchObject({ count: 'auto' });
  expect(ask({ operation: 'restart' })).toEqual({ operation: 'restart', app, env });
  expect(ask({ operation: 'restart', service: 'web' })).toMatchObject({ service: 'web' });
  for (const count of [0, 4])
    expect(() => ask({ operation: 'scale', service: 'web', count })).toThrow(expect.objectContaining({ code: 'GC1002' }) as Error);
  for (const service of ['wep', 'constructor'])
    expect(() => ask({ operation: 'restart', service })).toThrow(expect.objectContaining({ code: 'GC1004' }) as Error);
});

it('a release for trying is a deploy, confirmed as far as no data is lost', () => {
  const other = { ...app, name: 'other' };
  expect(trialRequest({ env, commit: () => undefined }, other)).toEqual({
    operation: 'deploy',
    app: other,
    env,
    allow: [],
    confirmed: ['yes'],
    allowSchemaMismatch: false,
  });
});
