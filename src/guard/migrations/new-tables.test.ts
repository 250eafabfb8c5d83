import { expect, it } from 'vitest';
import { contextOf, findings, plain, webApp } from '../testing/app-folder.ts';
import { onlyMakesTables } from './new-tables.ts';

const app = webApp(...plain, 'migrate: { run: node migrate.js, files: migrations/*.sql }');

async function quick(...texts: readonly string[]): Promise<boolean> {
  const files = Object.fromEntries(texts.map((text, index) => [`web/migrations/000${index}.sql`, text]));
  const context = await contextOf({ files: { 'gantry.yaml': app, ...files } });
  const service = context.app.services['web'];
  if (service === undefined) throw new Error('no web');
  return onlyMakesTables(context, service);
}

const tables = `-- gantry: expand
-- it's the first; drop nothing
create table tasks (title text collate "C" default 'a;b', at date);
create index tasks_at on tasks (at);
`;

it('is sure of files that say expand and make tables with their indexes', async () => {
  expect(await quick(tables)).toBe(true);
  expect(await quick(tables, '-- gantry: expand\ncreate table if not exists notes (id int);')).toBe(true);
});

it('leaves everything else to the reader', async () => {
  for (const text of [
    'create table tasks (id int);',
    '-- gantry: contract\ncreate table tasks (id int);',
    '-- gantry: expand\ncreate table a (id int); drop table b;',
    '-- gantry: expand\ncreate table "a" (id int);\ncreate index one on "b" (id);',
    '-- gantry: expand\ncreate index late on tasks (at);',
    '-- gantry: expand\ncreate table a (id int);\nalter table tasks add column b int;',
    '-- gantry: expand\ndo $$ begin drop table a; end $$;',
    "-- gantry: expand\ncreate table a (t text default e'\\'; drop table b; --');",
    '-- gantry: expand\ncreate table a (id int); /* ; */ drop table b;',
  ])
    expect([text, await quick(text)]).toEqual([text, false]);
  expect(await quick()).toBe(false);
});

it('does not keep `check` from what a file hides', async () => {
  const files = { 'gantry.yaml': app, 'web/migrations/1.sql': '-- gantry: expand\ncreate table a (id int);\ndrop table tasks;\n' };
  expect((await findings('G27', { files, more: { purpose: 'check' } })).map(({ where }) => where)).toContain('web/migrations/1.sql:3');
});
