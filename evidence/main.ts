/** Runs the parts one after the other and writes `evidence.json`, which keeps the newest run of each part, and a table that people read. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../src/exec/tool.ts';
import { catalogue as parts } from './parts.ts';
import type { Part, PartResult, Size } from './part.ts';
import { table } from './table.ts';

const root = join(import.meta.dirname, '..');
const usage = `npm run evidence [-- PART... --size ci|long --seed N --write]\nparts: ${parts.map(({ name }) => name).join(', ')}`;

/** One run of one part. */
export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly date: string;
  readonly seed: number;
  readonly size: Size;
  readonly machine: string;
  readonly node: string;
  /** What repeats it. */
  readonly command: string;
  readonly seconds: number;
  /** Why it did not run, or how it broke. */
  readonly problem?: string;
  readonly result?: PartResult;
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
  const file = join(folder, 'evidence.json');
  const all = merged(earlier(file), outcomes);
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  const text = table(all);
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

async function runPart(part: Part, wish: Wish, folder: string): Promise<Outcome> {
  const { name } = part;
  const about = describe(part, wish);
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
  if (part.needs !== undefined && (await findProgram(part.needs, process.env['PATH'] ?? '')) === undefined)
    return { ...about, seconds: 0, problem: `skipped: ${part.needs} is not installed` };
  const keep = join(folder, name);
  rmSync(keep, { recursive: true, force: true });
  const log = (line: string): void => console.log(`${name.padEnd(9)} ${line}`);
  const { size, seed } = wish;
  log(`${part.title} (seed ${seed})`);
  try {
    return { ...about, result: await part.run({ size, seed, keep, log }), seconds: seconds() };
  } catch (error) {
    log(`broke: ${(error as Error).stack ?? ''}`);
    return { ...about, problem: `broke: ${(error as Error).message}`, seconds: seconds() };
  }
}

function describe({ name, title }: Part, { seed, size }: Wish): Omit<Outcome, 'seconds' | 'problem' | 'result'> {
  const [cpu] = cpus();
  return {
    name,
    title,
    date: new Date().toISOString().slice(0, 10),
    seed,
    size,
    machine: `${process.platform} ${release()}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    command: `npm run evidence -- ${name} --size ${size} --seed ${seed}`,
  };
}

/** Of runs before; none when there is no such file, or when it cannot be read. */
function earlier(file: string): readonly Outcome[] {
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return Array.isArray(known) ? (known as Outcome[]) : [];
  } catch {
    return [];
  }
}

/** The newest run of each part, in the order of the catalogue. */
function merged(before: readonly Outcome[], now: readonly Outcome[]): Outcome[] {
  const newest = new Map([...before, ...now].map((outcome) => [outcome.name, outcome]));
  return parts.flatMap(({ name }) => newest.get(name) ?? []);
}
