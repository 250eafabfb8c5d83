import { describe, expect, it } from 'vitest';
import { withEnvironment } from './environment-merge.ts';
import { featuresUsed } from './features.ts';
import { formatIssues } from './issue.ts';
import { loadApp, loadEnvironment } from './load.ts';
import type { App, Environment } from './model.ts';
import { isSecretTemplate } from './references.ts';
import { localOptions } from '../targets/local/options.ts';

const text = `gantry: 1
app: shop
services:
  web: { run: node a.js, port: 80, route: /, replicas: 2, variables: { A: one, B: two } }
  api: { run: node b.js, port: 81, route: /api, scale: { min: 2, max: 6, concurrency: 40 }, variables: { URL: "\${db.url}", HOST_OF: "\${db.host}", PEER: "\${web.url}" } }
resources:
  db: { type: postgres, version: 17, storage: 10Gi }
release: { bake: 1h }
`;

async function app(): Promise<App> {
  const loaded = await loadApp({ path: 'gantry.yaml', text });
  if ('issues' in loaded) throw new Error(formatIssues(loaded.issues));
  return loaded.app;
}

const targets = { local: { options: async () => localOptions } };
const local: Environment = { name: 'local', target: 'local', options: {}, patches: [] };

async function environment(content: string): Promise<{ env: Environment; app: App }> {
  const loaded = await loadEnvironment({ path: 'environments/staging.yaml', text: content }, await app(), targets);
  if ('issues' in loaded) throw new Error(formatIssues(loaded.issues));
  return loaded;
}

describe('environments', () => {
  it('changes nothing without overrides', async () => {
    const shop = await app();
    expect(withEnvironment(shop, undefined)).toBe(shop);
    expect((await environment('target: local\n')).app).toEqual(shop);
  });

  it('takes its name from the file, and its options apart', async () => {
    const { env } = await environment('target: local\nport: 9000\ndomain: shop.example.com\nx-note: mine\n');
    expect(env).toEqual({ name: 'staging', target: 'local', options: { port: 9000 }, domain: 'shop.example.com', patches: [] });
  });

  it('merges what it overrides, and keeps the rest', async () => {
    const { app: shop } = await environment(
      'target: local\nrelease: { canary: { share: 0 } }\nservices:\n  web: { scale: { max: 4 }, variables: { B: 2, C: "${db.host}" }, limits: { memory: 1Gi } }\n  api: { replicas: 3 }\nresources:\n  db: { external: MANAGED }\n',
    );
    expect(shop.services['web']).toMatchObject({
      scale: { min: 2, max: 4, cpu: 70 },
      limits: { cpu: 0.25, memory: 2 ** 30 },
      variables: { A: ['one'], B: ['2'], C: [{ name: 'db', attribute: 'host' }] },
    });
    expect(shop.services['api']?.scale).toEqual({ min: 3, max: 3 });
    expect(shop.resources['db']).toEqual({ name: 'db', type: 'postgres', version: 17, external: 'MANAGED' });
    expect(shop.release).toMatchObject({ canary: { share: 0 }, bakeMs: 3_600_000 });
  });

  it('raises a fixed number, and refuses a minimum above the maximum of the app', async () => {
    expect((await environment('target: local\nservices: { web: { scale: { min: 5 } } }\n')).app.services['web']?.scale).toEqual({
      min: 5,
      max: 5,
    });
    await expect(environment('target: local\nservices: { api: { scale: { min: 9 } } }\n')).rejects.toThrow('min 9 is greater than max 6');
  });
});

describe('featuresUsed', () => {
  it('names what is asked for, and where', async () => {
    expect(featuresUsed(await app(), local)).toEqual([
      { feature: 'service.web', path: 'services.web' },
      { feature: 'scale.count', path: 'services.web.replicas' },
      { feature: 'variables', path: 'services.web.variables' },
      { feature: 'service.web', path: 'services.api' },
      { feature: 'scale.count', path: 'services.api.scale' },
      { feature: 'scale.concurrency', path: 'services.api.scale.concurrency' },
      { feature: 'variables', path: 'services.api.variables' },
      { feature: 'resource.postgres', path: 'resources.db' },
      { feature: 'resource.storage', path: 'resources.db.storage' },
      { feature: 'release.bake', path: 'release.bake' },
    ]);
  });

  it('names the keys of the environment', async () => {
    const env: Environment = { ...local, domain: 'shop.example.com', patches: [{ file: 'a', path: 'b', value: 1, reason: 'c' }] };
    expect(featuresUsed(await app(), env).slice(-2)).toEqual([
      { feature: 'domain', path: 'environments/local.domain' },
      { feature: 'patches', path: 'environments/local.patches' },
    ]);
  });
});

describe('isSecretTemplate', () => {
  it('is true for a password or URL of a resource only', async () => {
    const shop = await app();
    const { URL, HOST_OF, PEER } = shop.services['api']?.variables ?? {};
    expect([URL, HOST_OF, PEER].map((template) => isSecretTemplate(template ?? [], shop))).toEqual([true, false, false]);
    expect(isSecretTemplate(['x', { name: 'db', attribute: 'password' }], shop)).toBe(true);
    expect(isSecretTemplate([{ name: 'constructor', attribute: 'url' }], shop)).toBe(false);
  });
});
