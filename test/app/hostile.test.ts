/** Files made to hurt: each is refused with a place, in time that does not depend on how clever they are. Time is that of the processor: other programs may run. */
import { describe, expect, it } from 'vitest';
import { loadApp } from '../../src/app/load.ts';
import { maxFileBytes } from '../../src/app/text.ts';
import { generateServices } from '../fixtures/generate-services.ts';

const full = maxFileBytes - 100;
const repeat = (piece: string): string => piece.repeat(Math.floor(full / piece.length));
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');
const service = (key: string, value: string): string =>
  `gantry: 1\napp: a\nservices:\n  web:\n    run: node a.js\n    port: 80\n    route: /\n    ${key}: ${value}\n`;

const hostile: Readonly<Record<string, string>> = {
  'open brackets': repeat('['),
  'open braces': repeat('{a: '),
  'nested lists': repeat('- '),
  'nested keys': repeat('? '),
  'deep indentation': lines(1400, (index) => `${' '.repeat(index)}a:`),
  'empty lines': repeat('\n'),
  spaces: repeat(' '),
  colons: repeat(':'),
  comments: repeat('# a\n'),
  anchors: repeat('&a '),
  'many anchors': lines(60_000, (index) => `- &a${index} x`),
  'alias of alias': `a: &a [x, x]\n${lines(60, (index) => `k${index}: &b${index} [${index === 0 ? '*a, *a' : `*b${index - 1}, *b${index - 1}`}]`)}`,
  bangs: repeat('! '),
  'one key again and again': repeat('a: 1\n'),
  'many keys': lines(80_000, (index) => `key${index}: 1`),
  'many keys in braces': `{ ${lines(80_000, (index) => `key${index}: 1,`)} }`,
  'many documents': repeat('---\n'),
  'many directives': repeat('%A\n'),
  'an open quote': `a: "${repeat('\\\\').slice(10)}`,
  'quotes over lines': `a: "${repeat(' \n').slice(10)}"`,
  'a long key': `${repeat('a').slice(10)}: 1`,
  'many services that are wrong': `gantry: 1\napp: a\nservices:\n${lines(20_000, (index) => `  service-${index}: { rnu: x, port: 0 }`)}`,
  'a long path': service('health', `/${'a/'.repeat(100_000)}!`),
  'a long reference': service('variables', `{ A: "${'${'.repeat(100_000)}" }`),
  'a long command': service('prepare', `"${'a '.repeat(200_000)}|"`),
  'a long schedule': service('schedule', `"${'1,'.repeat(200_000)} * * * *"`),
  'a long name': `gantry: 1\napp: ${'a-'.repeat(200_000)}\nservices: {}`,
  'a long size': service('limits', `{ memory: "${'9'.repeat(500_000)}Mi" }`),
};

function milliseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

describe('hostile files', () => {
  it.each(Object.keys(hostile))('%s', { timeout: 60_000 }, async (name) => {
    const started = process.cpuUsage();
    const loaded = await loadApp({ path: 'gantry.yaml', text: hostile[name] ?? '' });
    expect('issues' in loaded && loaded.issues.length).toBeGreaterThan(0);
    expect('issues' in loaded && loaded.issues.length).toBeLessThanOrEqual(50);
    expect(
      'issues' in loaded && Math.max(...loaded.issues.map(({ path, message, fix }) => path.length + message.length + fix.length)),
    ).toBeLessThan(1000);
    expect(milliseconds(started)).toBeLessThan(8000);
  });

  it('does not look into a file of 100 MB', async () => {
    const loaded = await loadApp({ path: 'gantry.yaml', text: new Uint8Array(100 * 1024 * 1024).fill(97) });
    expect('issues' in loaded && loaded.issues).toMatchObject([
      { code: 'GA1009', line: 1, message: 'the file has 100.0 MiB; at most 1 MiB is read' },
    ]);
  });

  it('takes time in proportion to the number of services', { timeout: 120_000 }, async () => {
    const time = async (count: number): Promise<number> => {
      const text = generateServices(count);
      const started = process.cpuUsage();
      expect(await loadApp({ path: 'gantry.yaml', text })).toHaveProperty('app');
      return milliseconds(started);
    };
    const best = async (count: number): Promise<number> =>
      Math.min(await time(count), await time(count), await time(count), await time(count));
    await best(200);
    expect((await best(1600)) / (await best(400))).toBeLessThan(10);
  });
});
