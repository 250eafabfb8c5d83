/** Runs the parts one after the other and writes `evidence.json` and a table that people read. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../src/exec/tool.ts';
import { catalogue as parts } from './parts.ts';
import type { Part, PartContext, PartResult, Size } from './part.ts';
import { table } from './table.ts';

const root = join(import.meta.dirname, '..');
const usage = `npm run evidence [-- PART... --size ci|long --seed N --write]\nparts: ${parts.map(({ name }) => name).join(', ')}`;

export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  /** Why it did not run, or how it broke. */
  readonly problem?: string;
  readonly result?: PartResult;
}

export interface Evidence {
  readonly date: string;
  readonly seed: number;
  readonly size: Size;
  readonly machine: string;
  readonly node: string;
  readonly command: string;
  readonly outcomes: readonly Outcome[];
}

interface Wish {
  readonly chosen: readonly Part[];
  readonly size: Size;
  readonly seed: number;
  readonly write: boolean;
}

/** Gives the exit code: 1 when a figure misses its bar or a part broke, 2 on wrong words. */
export async function main(words: readonly string[]): Promise<number> {
  const wish = understand(words);
  if (wish === undefined) {
    console.error(usage);
    return 2;
  }
  const folder = join(root, 'evidence/results');
  mkdirSync(folder, { recursive: true });
  const outcomes: Outcome[] = [];
  for (const part of wish.chosen) outcomes.push(await runPart(part, wish, folder));
  const evidence = describe(wish, words, outcomes);
  writeFileSync(join(folder, 'evidence.json'), `${JSON.stringify(evidence, null, 2)}\n`);
  const text = table(evidence);
  writeFileSync(join(folder, 'evidence.md'), text);
  if (wish.write) writeFileSync(join(root, 'docs/evidence.md'), text);
  console.log(`\n${text}`);
  return outcomes.every(isFine) ? 0 : 1;
}

function isFine({ problem, result }: Outcome): boolean {
  return problem === undefined
    ? (result?.figures.every(({ isMet }) => isMet) ?? true)
    : result === undefined && problem.startsWith('skipped');
}

function understand(words: readonly string[]): Wish | undefined {
  const option = (name: string): string | undefined => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const valued = new Set(['--size', '--seed']);
  const names = words.filter((word, index) => !word.startsWith('--') && !valued.has(words[index - 1] ?? ''));
  const size = option('--size') ?? 'ci';
  const seed = Number(option('--seed') ?? Math.floor(Math.random() * 1_000_000));
  const chosen = names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name));
  if ((size !== 'ci' && size !== 'long') || !Number.isSafeInteger(seed) || (names.length > 0 && chosen.length !== names.length))
    return undefined;
  return { chosen, size, seed, write: words.includes('--write') };
}

async function runPart(part: Part, { size, seed }: Wish, folder: string): Promise<Outcome> {
  const { name, title } = part;
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
  if (part.needs !== undefined && (await findProgram(part.needs, process.env['PATH'] ?? '')) === undefined)
    return { name, title, seconds: 0, problem: `skipped: ${part.needs} is not installed` };
  const keep = join(folder, name);
  rmSync(keep, { recursive: true, force: true });
  const log = (line: string): void => console.log(`${name.padEnd(9)} ${line}`);
  const context: PartContext = { size, seed, keep, log };
  log(`${title} (seed ${seed})`);
  try {
    return { name, title, result: await part.run(context), seconds: seconds() };
  } catch (error) {
    log(`broke: ${(error as Error).stack ?? ''}`);
    return { name, title, problem: `broke: ${(error as Error).message}`, seconds: seconds() };
  }
}

function describe({ seed, size }: Wish, words: readonly string[], outcomes: readonly Outcome[]): Evidence {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    seed,
    size,
    machine: `${process.platform} ${release()}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    command: `npm run evidence -- ${[...words.filter((word) => word !== '--write'), ...(words.includes('--seed') ? [] : ['--seed', String(seed)])].join(' ')}`,
    outcomes,
  };
}
