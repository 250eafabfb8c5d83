import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../../test/fixtures/migrations/corpus.ts';
import { assess, type Assessed } from './assess.ts';
import { sqlRules } from './rules.ts';

const { given, cases } = readCorpus();

function judge(sql: string, released = given): Assessed {
  const [, found] = assess(
    [
      { name: '1.sql', text: released },
      { name: '2.sql', text: sql },
    ],
    { isReleased: (name) => name === '1.sql' },
  );
  if (found === undefined) throw new Error('nothing assessed');
  return found;
}

const rulesOf = (found: Assessed): string[] => found.verdicts.map(({ rule }) => rule);

describe('the corpus', () => {
  it.each(cases)('line $line: $expected', ({ sql, expected }) => {
    expect(rulesOf(judge(sql))).toEqual(expected);
  });

  it('is large, and has every rule in it', () => {
    expect(cases.length).toBeGreaterThanOrEqual(160);
    const named = new Set(cases.flatMap(({ expected }) => expected));
    expect(Object.keys(sqlRules).filter((rule) => !named.has(rule))).toEqual([]);
  });
});

describe('any text', () => {
  const pieces = [
    'drop',
    'table',
    'alter',
    'column',
    'add',
    'create',
    'index',
    'do',
    'execute',
    'begin',
    'end',
    'atomic',
    'case',
    'copy',
    'from',
    'stdin',
    ';',
    '(',
    ')',
    ',',
    '.',
    "'",
    '"',
    '$$',
    '$a$',
    "E'",
    '\\',
    '--',
    '/*',
    '*/',
    '\n',
    ' ',
    '\\.',
    'tasks',
    'with',
    'delete',
    'update',
    'type',
    'using',
    'numeric(',
    'ü',
    '\u{1f600}',
    '\0',
  ];
  const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((words) => words.join(' '));
  const dense = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((words) => words.join(''));

  it.each([
    ['random characters', fc.string({ unit: 'binary', maxLength: 200 })],
    ['words of SQL', soup],
    ['words of SQL without spaces', dense],
  ])('of %s is read to its end, without an exception', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const { verdicts, digest } = judge(text, text);
        expect(digest).toMatch(/^[0-9a-f]{64}$/);
        const lines = text.split('\n').length;
        for (const { line, says } of verdicts) expect(line >= 1 && line <= lines && says.length > 0).toBe(true);
      }),
      { numRuns: 700 },
    );
  });

  it.each([
    ['an open comment in a comment', '/*'.repeat(200_000)],
    ['quotes', "'".repeat(400_001)],
    ['quoted names', '"'.repeat(400_001)],
    ['dollars', '$'.repeat(400_001)],
    ['tags that do not end', '$a'.repeat(200_000)],
    ['parentheses', '('.repeat(400_000)],
    ['one line of words', 'drop table a, '.repeat(40_000)],
    ['backslashes', `E'${'\\'.repeat(400_001)}`],
    ['blocks in blocks', 'do $$ '.repeat(50_000)],
    ['empty statements', ';'.repeat(400_000)],
    ['columns', `alter table tasks ${'add column x int, '.repeat(20_000)} drop column owner`],
    ['a type without an end', `alter table tasks alter column size type ${'a '.repeat(100_000)}`],
  ])('of %s takes no longer than its length', (_, text) => {
    const started = process.cpuUsage();
    judge(text);
    expect(process.cpuUsage(started).user).toBeLessThan(4_000_000);
  });
});

describe('the first line', () => {
  const declared = (text: string): unknown => judge(text).declared;

  it.each(['expand', 'contract', 'irreversible'])('says %s', (word) => {
    expect(declared(`-- gantry: ${word}\nselect 1;`)).toEqual({ is: word });
  });

  it.each([
    ['capitals and spaces', '--  Gantry :  EXPAND\r\nselect 1;'],
    ['a byte order mark', '\uFEFF-- gantry: expand\nselect 1;'],
    ['remarks above it', '-- Copyright\n\n-- gantry: expand\nselect 1;'],
    ['a marker of another tool above it', '-- +goose Up\n-- gantry: expand\nselect 1;'],
  ])('may have %s', (_, text) => {
    expect(declared(text)).toEqual({ is: 'expand' });
  });

  it('that is missing, or comes after a statement, is missing', () => {
    expect(declared('select 1;')).toEqual({ is: 'missing' });
    expect(declared('select 1;\n-- gantry: expand')).toEqual({ is: 'missing' });
  });

  it.each([
    ['expnad', 'expand'],
    ['contarct', 'contract'],
    ['ireversible', 'irreversible'],
    ['safe', undefined],
    ['', undefined],
  ])('with the word "%s" is unknown, and means %s', (word, meant) => {
    expect(declared(`-- gantry: ${word}\nselect 1;`)).toEqual({ is: 'unknown', word, meant });
  });
});

describe('the effect of a file', () => {
  const effect = (text: string): string => judge(text).effect;

  it('is what the statements do when nothing is said', () => {
    expect(effect('alter table tasks add column due date')).toBe('expand');
    expect(effect('create index tasks_by_at on tasks (at)')).toBe('expand');
    expect(effect('alter table tasks rename to todos')).toBe('contract');
    expect(effect('alter table tasks add check (size > 1) not valid')).toBe('contract');
    expect(effect('alter table tasks drop column owner')).toBe('irreversible');
  });

  it('is what is said, where the statements do not make it a lie', () => {
    expect(effect('-- gantry: contract\nalter table tasks drop column owner')).toBe('contract');
    expect(effect('-- gantry: irreversible\nupdate tasks set notes = null where done')).toBe('irreversible');
    expect(effect('-- gantry: expand\nalter table tasks add check (size > 1) not valid')).toBe('expand');
    expect(effect('-- gantry: expand\nalter table tasks rename to todos')).toBe('contract');
  });
});

describe('the digest', () => {
  const digest = (text: string): string => judge(text).digest;
  const base = "alter table tasks add column note text default 'a  b';";

  it('is the same with other comments, spaces, ends of lines and first words', () => {
    for (const same of [
      "-- gantry: expand\r\nALTER TABLE tasks\r\n  add /* x */ column note text default 'a  b' ;\r\n",
      `-- gantry: contract\n${base}\n-- a thought`,
    ])
      expect(digest(same)).toBe(digest(base));
  });

  it.each(["alter table tasks add column note text default 'a b';", 'alter table tasks add column "NOTE" text;', `${base} select 1;`])(
    'is another one for %s',
    (other) => {
      expect(digest(other)).not.toBe(digest(base));
    },
  );

  it('counts the data of a COPY', () => {
    expect(digest('copy users from stdin;\n1\n\\.\n')).not.toBe(digest('copy users from stdin;\n2\n\\.\n'));
  });
});

it('judges files one by one as if those before were released, where nobody knows which are', () => {
  const files = [
    { name: '1.sql', text: 'create table a (b int)' },
    { name: '2.sql', text: '-- gantry: expand\nalter table a drop column b' },
  ];
  const isReleased = (): boolean => false;
  expect(assess(files, { isReleased }).flatMap(rulesOf)).toEqual([]);
  expect(assess(files, { isReleased, apart: true }).flatMap(rulesOf)).toEqual(['drop-column']);
});

it('says where in the file: several statements, each with its line', () => {
  const { verdicts } = judge('-- gantry: contract\nalter table tasks\n  drop column owner,\n  drop column notes;\n\ndrop view open_tasks;');
  expect(verdicts).toEqual([
    { rule: 'drop-column', line: 3, says: 'drops the column owner of tasks' },
    { rule: 'drop-column', line: 4, says: 'drops the column notes of tasks' },
    { rule: 'drop-view', line: 6, says: 'drops the view open_tasks' },
  ]);
});

it('shows no value of a literal, and no control character of a name', () => {
  const { verdicts } = judge(
    "alter role app password 'hunter2'; alter type mood rename value 'hunter2' to 'x'; drop table \"a\u001b[31m\nb\"",
  );
  const said = verdicts.map(({ says }) => says).join('|');
  expect(said).not.toMatch(/hunter2|[\u0000-\u001f]/);
});
