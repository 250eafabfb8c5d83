/** The small parts that everything else is made of. */
import { describe, expect, it } from 'vitest';
import { cronProblem } from './cron.ts';
import { formatIssues, formatPath, type Issue } from './issue.ts';
import { repair } from './repair.ts';
import { editDistance, meant, nearest } from './suggest.ts';
import { parseTemplate } from './template.ts';
import { toBytes, toMilliseconds } from './units.ts';

describe('units', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['0s', 0],
  ])('%s is %d ms', (text, expected) => {
    expect(toMilliseconds(text)).toBe(expected);
  });

  it.each([
    ['1Ki', 1024],
    ['128Mi', 134_217_728],
    ['10Gi', 10_737_418_240],
    ['2Ti', 2_199_023_255_552],
  ])('%s is %d bytes', (text, expected) => {
    expect(toBytes(text)).toBe(expected);
  });
});

describe('templates', () => {
  const db = { name: 'db', attribute: 'url' };
  it.each([
    ['', []],
    ['plain $X {y}', ['plain $X {y}']],
    ['${db.url}', [db]],
    ['a${db.url}b${db.url}', ['a', db, 'b', db]],
    ['$${db.url}', ['${db.url}']],
    ['$$${db.url}', ['$${db.url}']],
    ['$${a}${db.url}', ['${a}', db]],
    ['${my-db.url}', [{ name: 'my-db', attribute: 'url' }]],
  ])('%j', (text, template) => {
    expect(parseTemplate(text)).toEqual({ template });
  });

  it.each(['${db}', '${db.url', '${}', '${ db.url }', '${DB.url}', '${db.url.x}', 'a ${HOME}'])('%j cannot be read', (text) => {
    expect(parseTemplate(text)).toHaveProperty('problem');
  });
});

describe('cron expressions', () => {
  it.each(['* * * * *', '*/5 * * * *', '0 0 1,15 * *', '15 3 * * 1-5', '0 9-17/2 * jan-mar MON', '59 23 31 12 7', '0 0 29 2 *'])(
    '%s can be used',
    (text) => {
      expect(cronProblem(text)).toBeUndefined();
    },
  );

  it.each([
    '',
    '* * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    '*/60 * * * *',
    '5/10 * * * *',
    '1,,2 * * * *',
    '1-2-3 * * * *',
    'a * * * *',
    '1.5 * * * *',
    '-1 * * * *',
    '0 0 31 4 *',
    '@reboot',
    '@daily',
    '* * * * * *',
    `${'1,'.repeat(500)}1 * * * *`,
  ])('%s cannot', (text) => {
    expect(cronProblem(text)?.fix).toMatch(/write/);
  });
});

describe('suggestions', () => {
  it.each([
    ['helth', 'health'],
    ['HEALTH', 'health'],
    ['heatlh', 'health'],
    ['rout', 'route'],
  ])('%s: %s', (word, expected) => {
    expect(nearest(word, ['build', 'route', 'health', 'port'])).toBe(expected);
  });

  it('stays silent when nothing is near', () => {
    expect(nearest('container', ['build', 'route', 'health', 'port'])).toBeUndefined();
    expect(nearest('x'.repeat(1000), ['x'])).toBeUndefined();
  });

  it('counts edits', () => {
    expect(editDistance('abc', 'abc')).toBe(0);
    expect(editDistance('abc', 'acb')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('knows the words of other tools', () => {
    expect(meant('environment', ['variables', 'secrets'])).toBe('variables');
    expect(meant('command', ['run', 'port'])).toBe('run');
    expect(meant('constructor', ['run', 'port'])).toBeUndefined();
  });
});

describe('repairs', () => {
  it.each([
    ['a size such as', '1gb', '1Gi'],
    ['a size such as', '512 MB', '512Mi'],
    ['a size such as', '2G', '2Gi'],
    ['a size such as', 134_217_728, '128Mi'],
    ['a size such as', 'much', undefined],
    ['a duration such as', '10 min', '10m'],
    ['a duration such as', 30, '30s'],
    ['a duration such as', 'soon', undefined],
    ['a name of at most', 'MyApp_2', 'my-app-2'],
    ['a name of at most', '123', undefined],
    ['a variable name', 'my-var.x', 'my_var_x'],
    ['a path', 'https://example.com//a/', '/a/'],
    ['a path prefix', '/api/*', '/api'],
    ['a whole number', '17', '17, without quotes'],
    ['a number', '250m', '0.25'],
    ['true or false', 'off', 'false'],
    ['anything else', 'x', undefined],
  ])('%s: %j -> %j', (expected, value, mended) => {
    expect(repair(expected, value)).toBe(mended);
  });
});

describe('issues', () => {
  it('writes paths as people read them', () => {
    expect(formatPath(['services', 'a-b', 'prepare', 1])).toBe('services.a-b.prepare[1]');
    expect(formatPath(['variables', 'a.b'])).toBe('variables."a.b"');
    expect(formatPath([])).toBe('');
  });

  it('prints files in order and counts them', () => {
    const issue = (file: string, line: number): Issue => ({ code: 'GA1003', file, line, column: 1, path: 'a', message: 'm', fix: 'f' });
    const text = formatIssues([issue('b.yaml', 1), issue('a.yaml', 20), issue('a.yaml', 3)]);
    expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual(['a.yaml:3:1', '', 'a.yaml:20:1', '', 'b.yaml:1:1', '', '3']);
    expect(text).toContain('3 problems in 2 files.');
  });
});
