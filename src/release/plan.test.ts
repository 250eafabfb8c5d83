import { beforeEach, describe, expect, it } from 'vitest';
import { environmentFor, fixtureApp } from '../../test/contracts/target.ts';
import { newPlace, type Place } from '../../test/fakes/place.ts';
import type { App } from '../app/model.ts';
import type { Change } from '../engines/engine.ts';
import type { GantryError } from '../errors.ts';
import type { ContentRef, MigrationRecord } from '../stack/stack.ts';
import { local } from '../targets/local/target.ts';
import {
  changeLines,
  changesText,
  isEmpty,
  newRelease,
  parsedPlan,
  planFile,
  planMismatch,
  planned,
  writtenPlan,
  type PlanInput,
} from './plan.ts';

const change = (kind: Change['kind'], subject: string, more: Partial<Change> = {}): Change => ({
  kind,
  subject,
  detail: '',
  downtime: false,
  dataLoss: false,
  ...more,
});
const text = `gantry: 1
app: shop
services:
  web: { build: ./web, run: node main.js, port: 3000, route: /, secrets: [KEY] }
`;
const content: Record<string, ContentRef> = { web: { kind: 'folder', address: 'aa' } };

describe('what would change', () => {
  let place: Place;
  let app: App;
  const env = environmentFor(local);

  beforeEach(async () => {
    place = newPlace();
    place.secrets.set('KEY', { value: 'x', version: 3, origin: 'user' });
    place.secrets.set('db.password', { value: 'y', version: 1, origin: 'generated' });
    app = await fixtureApp({ name: 'shop', text });
  });

  /** The engine of the place sees no change, whatever there is. */
  function input(more: Partial<PlanInput>): PlanInput {
    const { engine, platform } = place;
    const signal = new AbortController().signal;
    const none = { folder: '/nowhere', workDir: '/nowhere', control: '', live: undefined, stored: undefined };
    return { app, env, target: local, engines: { process: engine }, platform, signal, content, ...none, ...more };
  }

  it('is nothing when the same is released again, with the versions of the secrets that it reads and no others', async () => {
    const live = newRelease({ app, env, content, secrets: { KEY: 3 } });
    expect(await planned(input({ live }))).toEqual([]);
    expect(await planned(input({ live: newRelease({ app, env, content, secrets: { KEY: 2 } }) }))).toHaveLength(1);
  });

  it('names settings that make another release although nothing that runs differs', async () => {
    const live = newRelease({ app, env, content, secrets: { KEY: 3 } });
    const edited = await fixtureApp({ name: 'shop', text: `${text}smoke:\n  - { get: /, expect: { status: 200 } }\n` });
    expect(await planned(input({ live, app: edited }))).toEqual([change('update', 'app/settings', { detail: 'smoke' })]);
    const prepared = await fixtureApp({ name: 'shop', text: text.replace('port:', 'prepare: npm ci, port:') });
    expect(await planned(input({ live, app: prepared }))).toMatchObject([{ detail: 'web.prepare' }]);
  });

  it('of a rollback is about the release to go back to', async () => {
    const live = newRelease({ app, env, content, secrets: { KEY: 3 } });
    const stored = newRelease({ app, env, content, secrets: { KEY: 1 } });
    expect(await planned(input({ live, stored }))).toHaveLength(1);
    expect(await planned(input({ live, stored: live }))).toEqual([]);
  });
});

describe('changes in words', () => {
  it('are one line each, those that cost something last said so', () => {
    const changes = [
      change('update', 'service/backend', { detail: 'content 7a -> 2c' }),
      change('unchanged', 'service/frontend'),
      change('replace', 'resource/db', { detail: 'version 17 -> 18', downtime: true, dataLoss: true }),
      change('create', 'service/x'),
      change('delete', 'service/y'),
      change('unknown', 'service/z'),
    ];
    expect(changeLines(changes)).toEqual([
      '~ service/backend  content 7a -> 2c',
      '-+ resource/db      version 17 -> 18  downtime, data loss',
      '+ service/x',
      '- service/y',
      '? service/z',
    ]);
    expect(changesText(changes)).toBe('+ 1 created  ~ 1 changed  1 replaced  1 destroyed  1 unknown  downtime, data loss');
  });

  it('say so when there are none', () => {
    expect(changesText([change('unchanged', 'service/web')])).toBe('nothing would change');
    expect([isEmpty([]), isEmpty([change('unchanged', 'a')]), isEmpty([change('unknown', 'a')])]).toEqual([true, true, false]);
    expect(changesText([change('update', 'a')])).toBe('~ 1 changed  0 replaced  0 destroyed  no downtime, no data loss');
  });

  it('does not promise that no data is lost while a migration takes something away', () => {
    const record = (effect: MigrationRecord['effect']): MigrationRecord => ({ name: '1.sql', digest: '', effect, reasons: [] });
    expect(changesText([change('update', 'a')], [record('contract')])).toMatch(/ {2}no downtime, schema changes$/);
    expect(changesText([change('update', 'a')], [record('contract'), record('irreversible')])).toMatch(/ {2}no downtime, data loss$/);
  });
});

describe('a plan in a file', () => {
  const named = (name: string): never => ({ name }) as never;
  const work = {
    app: named('shop'),
    env: named('local'),
    content,
    live: undefined,
    version: '1.2.3',
    changes: [change('create', 'service/web')],
  };
  const plan = planFile(work);

  it('is read as it was written', () => {
    expect(parsedPlan(writtenPlan(plan), 'plan.json')).toEqual(plan);
    expect(planMismatch(plan, work, '1.2.3')).toBeUndefined();
  });

  it.each(['', 'plan', '[]', 'null', '{}', '{"digest":1}', writtenPlan(plan).replace('shop', 'shap'), writtenPlan(plan).slice(0, -5)])(
    'that is none, or was changed, is refused: %#',
    (file) => {
      expect(() => parsedPlan(file, 'plan.json')).toThrow(
        expect.objectContaining({ code: 'GR6003', exitCode: 2, where: 'plan.json' }) as GantryError,
      );
    },
  );

  it('in the format of a later version says which version made it', () => {
    const later = writtenPlan({ ...plan, format: 2 as never, gantry: '9.0.0' });
    expect(() => parsedPlan(later, 'plan.json')).toThrow(expect.objectContaining({ code: 'GR6001' }) as GantryError);
    expect(() => parsedPlan(later, 'plan.json')).toThrow('made by Gantry 9.0.0');
  });

  it.each<[string, Parameters<typeof planMismatch>[1], string, string]>([
    ['another app', { ...work, app: named('other') }, '1.2.3', 'GR6001'],
    ['another environment', { ...work, env: named('staging') }, '1.2.3', 'GR6001'],
    ['another version', work, '1.2.4', 'GR6001'],
    ['another release that serves', { ...work, live: { id: 'x' } as never }, '1.2.3', 'GR6002'],
    ['other files', { ...work, content: { web: { kind: 'folder', address: 'bb' } } }, '1.2.3', 'GR6002'],
    ['other changes', { ...work, changes: [] }, '1.2.3', 'GR6002'],
  ])('does not hold for %s', (_name, now, version, code) => {
    expect(planMismatch(plan, now, version)).toMatchObject({ code, fix: expect.stringContaining('gantry plan') as string });
  });
});
