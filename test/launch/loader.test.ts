import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '../../bin');
const manifest = { version: '1.2.3', help: 'the help\n', entries: { cli: 'cli-1.cjs' }, files: ['cli-1.cjs', 'part-1.cjs'] };
const wrap = (code: string): string => `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
const chunks = {
  'cli-1.cjs': wrap(`
    exports.main = async (words) => {
      const part = require('./part-1.cjs');
      console.log(words.join(',') + ' ' + part.name + ' ' + require('node:path').basename(__filename));
    };`),
  'part-1.cjs': wrap("exports.name = 'part';"),
};

let folder: string;
const cacheDir = (): string => join(folder, 'dist/cache');
const cacheFiles = (): string[] => readdirSync(cacheDir()).toSorted();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry loader-'));
  cpSync(bin, join(folder, 'bin'), { recursive: true });
  mkdirSync(cacheDir(), { recursive: true });
  writeFileSync(join(folder, 'dist/manifest.json'), JSON.stringify(manifest));
  for (const [name, code] of Object.entries(chunks)) writeFileSync(join(folder, 'dist', name), code);
});

afterEach(() => rmSync(folder, { recursive: true }));

function gantry(
  words: string[],
  options: { node?: string[]; env?: Record<string, string> } = {},
): { code: number | null; stdout: string; stderr: string } {
  const argv = [...(options.node ?? []), join(folder, 'bin/gantry.cjs'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', env: { PATH: '', ...options.env } });
  return { code: status, stdout, stderr };
}

describe('bin/gantry.cjs', () => {
  it('runs the command line with its words; chunks may require each other and Node', () => {
    expect(gantry(['a', 'b c'])).toEqual({ code: 0, stdout: 'a,b c part cli-1.cjs\n', stderr: '' });
  });

  it.each([[], ['--help'], ['-h'], ['help']])('answers %s from the manifest, without running a chunk', (...words: string[]) => {
    rmSync(join(folder, 'dist/cli-1.cjs'));
    expect(gantry(words)).toEqual({ code: 0, stdout: 'the help\n', stderr: '' });
  });

  it('loads a slow part of Node only when it is used, in every way of using it', () => {
    const code = `exports.main = () => {
      const crypto = require('node:crypto');
      const copied = { ...crypto };
      console.log(typeof crypto.createHash, typeof copied.createHash, 'createHash' in crypto, 'nothing' in crypto, Object.keys(crypto).length > 50);
    };`;
    writeFileSync(join(folder, 'dist/cli-1.cjs'), wrap(code));
    expect(gantry(['x']).stdout).toBe('function function true false true\n');
  });

  it.each(['--version', '-V'])('answers %s', (word) => {
    expect(gantry([word]).stdout).toBe('1.2.3\n');
  });

  it('leaves the help of a command to the command line', () => {
    expect(gantry(['help', 'up']).stdout).toContain('help,up');
    expect(gantry(['--help', '--json']).stdout).toContain('--help,--json');
  });

  it('says what to do when nothing is built', () => {
    rmSync(join(folder, 'dist'), { recursive: true });
    const { code, stderr } = gantry(['check']);
    expect(code).toBe(1);
    expect(stderr).toContain('npm run build');
  });

  it('says in one sentence that Node is too old', () => {
    const old = join(folder, 'old.cjs');
    writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.18.9' });");
    const { code, stdout, stderr } = gantry(['--help'], { node: ['--require', old] });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Gantry needs Node 20.19 or newer, and this is Node 20.18.9.\n',
    });
  });
});

describe('the code cache', () => {
  it('is made by the first run and used by the next', () => {
    gantry(['x']);
    const [cli = '', ...rest] = cacheFiles();
    expect(cli).toBe(`cli-1.cjs.${process.version}-${process.platform}-${process.arch}`);
    expect(rest).toHaveLength(1);
    const made = statSync(join(cacheDir(), cli)).mtimeMs;
    expect(gantry(['x']).stdout).toBe('x part cli-1.cjs\n');
    expect(statSync(join(cacheDir(), cli)).mtimeMs).toBe(made);
  });

  it('is replaced when it does not fit', () => {
    gantry(['x']);
    const [cli = ''] = cacheFiles();
    const good = readFileSync(join(cacheDir(), cli));
    writeFileSync(join(cacheDir(), cli), good.subarray(0, 100));
    expect(gantry(['x']).stdout).toBe('x part cli-1.cjs\n');
    expect(readFileSync(join(cacheDir(), cli)).length).toBeGreaterThan(100);
  });

  it('is not needed: a folder that cannot be written to changes nothing', () => {
    rmSync(cacheDir(), { recursive: true });
    expect(gantry(['x'])).toEqual({ code: 0, stdout: 'x part cli-1.cjs\n', stderr: '' });
    expect(existsSync(cacheDir())).toBe(false);
  });

  it('is not made by a process with flags of its own, which would not fit others', () => {
    gantry(['x'], { node: ['--no-opt'] });
    gantry(['x'], { env: { NODE_OPTIONS: '--max-old-space-size=200' } });
    expect(cacheFiles()).toEqual([]);
  });
});
