import { expect, it } from 'vitest';
import { loadApp } from '../../app/load.ts';
import type { App } from '../../app/model.ts';
import { references } from '../../app/references.ts';
import { badTrial, goodTrial } from './trials.ts';

async function appOf(text: string): Promise<App> {
  const loaded = await loadApp({ path: 'gantry.yaml', text: new TextEncoder().encode(`gantry: 1\napp: shop\n${text}`) });
  if ('issues' in loaded) throw new Error(JSON.stringify(loaded.issues));
  return loaded.app;
}

const web = 'build: ./web, run: node main.js, port: 8080, route: /, health: /health';
const db = 'resources: { db: { type: postgres, version: 17 } }';

it('a good release has one more variable, in the service that users notice first', async () => {
  const app = await appOf(`services:\n  mail: { build: ./mail, run: node mail.js }\n  web: { ${web} }\n`);
  const trial = goodTrial(app, 3);
  expect(trial?.text).toBe('TRY_IT = 3 in web');
  expect(trial?.app.services['web']).toEqual({ ...app.services['web'], variables: { TRY_IT: ['3'] } });
  expect(trial?.app.services['mail']).toBe(app.services['mail']);
  expect(app.services['web']?.variables).toEqual({});
});

it('a bad release leads a service to a database that is not there, without its password', async () => {
  const app = await appOf(
    `services:\n  web: { ${web}, migrate: node m.js, variables: { LOG: info, DATABASE_URL: "\${db.url}?a=b" } }\n${db}\n`,
  );
  const trial = badTrial(app, '/bin/node');
  expect(trial?.text).toBe('DATABASE_URL in web leads to 127.0.0.1:1, where nobody listens');
  const service = trial?.app.services['web'];
  expect(service?.variables).toEqual({ LOG: ['info'], DATABASE_URL: ['postgres://127.0.0.1:1', '?a=b'] });
  expect(service?.migrate).toBeUndefined();
  expect(service?.health?.startupMs).toBe(10_000);
  expect(service?.run).toEqual(['node', 'main.js']);
});

it('a bad release changes the parts of an address together, and leaves secrets as references', async () => {
  const app = await appOf(
    `services:\n  web: { ${web}, variables: { HOST_AND_PORT: "\${db.host}:\${db.port}", PASSWORD: "\${db.password}" } }\n${db}\n`,
  );
  const variables = badTrial(app, '/bin/node')?.app.services['web']?.variables ?? {};
  expect(variables['HOST_AND_PORT']?.join('')).toBe('127.0.0.1:1');
  expect(references(variables['PASSWORD'] ?? [])).toEqual([expect.objectContaining({ name: 'db', attribute: 'password' })]);
});

it('a bad release of a program that takes the usual port names a host that cannot be', async () => {
  const app = await appOf(`services:\n  web: { ${web}, variables: { DB: "\${db.host}" } }\n${db}\n`);
  const trial = badTrial(app, '/bin/node');
  expect(trial?.app.services['web']?.variables['DB']).toEqual(['nowhere.invalid']);
  expect(trial?.text).toBe('DB in web leads to nowhere.invalid, where nobody listens');
});

it('a bad release of an app without resources ends, and says why', async () => {
  const app = await appOf(
    `services:\n  web: { ${web}, variables: { SELF: "\${api.url}" } }\n  api: { build: ./api, run: node api.js, port: 1000, route: /api }\n`,
  );
  const run = badTrial(app, '/bin/node')?.app.services['web']?.run;
  expect(run?.slice(0, 2)).toEqual(['/bin/node', '-e']);
  expect(run?.[2]).toContain('console.error(');
});

it('an app that is only files has nothing to try', async () => {
  const app = await appOf('services:\n  site: { static: ./site, route: / }\n');
  expect(goodTrial(app, 1)).toBeUndefined();
  expect(badTrial(app, '/bin/node')).toBeUndefined();
});
