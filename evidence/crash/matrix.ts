/**
 * Kills, and answers with errors, at every call that the supervisor or the command line makes during an operation, one call at a time, and
 * looks what is left: the old state or the new one, whole, with no request failed. First the calls are recorded without any fault.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../lib/chance.ts';
import { App, freePort, freeze } from './app.ts';
import { operations, type OperationName, type Victim } from './operations.ts';
import { perform, type Performed } from './perform.ts';
import { canFail, isWakeUp, type Call, type Fault, type Thread } from './strace.ts';

export interface CrashPoint {
  readonly operation: OperationName;
  readonly victim: Victim;
  readonly thread: Thread;
  readonly fault: Fault;
  readonly syscall: string;
  readonly nth: number;
  readonly file?: Call['file'];
  /** The call that was recorded there. */
  readonly what: string;
}

export interface PointResult extends Performed {
  readonly point: CrashPoint;
}

export interface OperationResult {
  readonly operation: OperationName;
  readonly victim: Victim;
  readonly fault: Fault;
  /** Calls of each recording without a fault: how many there are is partly a matter of time. */
  readonly recordings: readonly number[];
  /** Calls of the first recording, by name. */
  readonly recorded: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly points: number;
  readonly fired: number;
  /** Of the points whose call touches a file of a fixed name, and is in every recording: those at which the fault came at that very call. */
  readonly exact: { readonly met: number; readonly of: number };
  readonly old: number;
  readonly new: number;
  readonly violated: number;
  readonly medianMs: number;
}

export interface CrashMatrixResult {
  readonly seed: number;
  readonly size: 'sample' | 'all';
  readonly operations: readonly OperationResult[];
  readonly points: number;
  readonly fired: number;
  readonly requests: number;
  readonly failedRequests: number;
  /** Everything that is needed to repeat what went wrong. */
  readonly violations: readonly PointResult[];
}

export interface CrashMatrixOptions {
  /** `sample`: kills of the supervisor during a deploy, drawn by the seed. `all`: every operation, victim and fault. */
  readonly size: 'sample' | 'all';
  readonly seed: number;
  /** How many of the sample; for `all`, how many of each kind at most. */
  readonly points?: number;
  /** Only these points, again. */
  readonly replay?: readonly CrashPoint[];
  readonly only?: readonly Series[];
  /** Ends after so many milliseconds, with what there is. */
  readonly budgetMs?: number;
  /** Folder where traces and what was left of failing points are kept. */
  readonly keep: string;
  log(line: string): void;
}

/** Points of one kind. */
export interface Series {
  readonly operation: OperationName;
  readonly victim: Victim;
  readonly fault: Fault;
}

const threads: readonly Thread[] = ['main', 'files'];
const faults: readonly Fault[] = ['KILL', 'ENOSPC', 'EIO', 'EMFILE'];
const recordings = 2;
/** Where a point that did not fire is tried again, as a part of its number. */
const earlier = [1, 0.9, 0.75, 0.5];

/** Everything that one run of the matrix needs and finds. */
interface Session {
  readonly options: CrashMatrixOptions;
  readonly frozen: string;
  readonly deadline: number;
  readonly violations: PointResult[];
  app: App;
  requests: number;
  failedRequests: number;
}

export async function crashMatrix(options: CrashMatrixOptions): Promise<CrashMatrixResult> {
  const frozen = freeze();
  const session: Session = {
    options,
    frozen,
    deadline: performance.now() + (options.budgetMs ?? Number.POSITIVE_INFINITY),
    violations: [],
    app: await newApp(frozen),
    requests: 0,
    failedRequests: 0,
  };
  mkdirSync(options.keep, { recursive: true });
  try {
    const results: OperationResult[] = [];
    if (options.replay !== undefined) for (const point of options.replay) await runPoint(session, point);
    else
      for (const series of seriesOf(options))
        results.push(await runSeries(session, series).catch(async (error: unknown) => lost(session, series, error as Error)));
    return {
      seed: options.seed,
      size: options.size,
      operations: results,
      points: results.reduce((sum, { points }) => sum + points, 0),
      fired: results.reduce((sum, { fired }) => sum + fired, 0),
      requests: session.requests,
      failedRequests: session.failedRequests,
      violations: session.violations,
    };
  } finally {
    await session.app.remove();
    rmSync(frozen, { recursive: true, force: true });
  }
}

async function newApp(frozen: string): Promise<App> {
  const app = new App(frozen, await freePort());
  for (let release = 0; release < 2; release += 1) {
    app.edit();
    await app.up();
  }
  await app.run(['scale', 'local', 'web=2']);
  return app;
}

function seriesOf({ size, only }: CrashMatrixOptions): readonly Series[] {
  if (only !== undefined) return only;
  if (size === 'sample') return [{ operation: 'deploy', victim: 'supervisor', fault: 'KILL' }];
  return faults.flatMap((fault) =>
    Object.values(operations).flatMap(({ name, victims }) =>
      victims.filter((victim) => fault === 'KILL' || victim !== 'cli').map((victim) => ({ operation: name, victim, fault })),
    ),
  );
}

async function runSeries(session: Session, series: Series): Promise<OperationResult> {
  const { options } = session;
  const recorded = await recordAll(session, series);
  const points = recorded.calls.map((call): CrashPoint => ({ ...series, ...call }));
  const chosen = options.points === undefined ? points : seeded(options.seed).sample(points, options.points);
  options.log(`${nameOf(series)}: ${points.length} calls recorded, ${chosen.length} points`);
  const done: PointResult[] = [];
  for (const point of chosen) {
    if (performance.now() > session.deadline) break;
    done.push(await runUntilFired(session, point));
    if (done.length % 25 === 0)
      options.log(`${nameOf(series)}: ${done.length} of ${chosen.length}, ${session.violations.length} violations`);
  }
  return summary(series, recorded, done);
}

/** Without any fault it went wrong already. */
async function lost(session: Session, series: Series, error: Error): Promise<OperationResult> {
  const point: CrashPoint = { ...series, thread: 'main', syscall: '', nth: 0, what: 'no fault' };
  const result: PointResult = { point, ...broken(error) };
  await violated(session, result, join(session.options.keep, 'trace.txt'));
  return summary(series, { calls: [], numbers: [], stable: new Set() }, [result]);
}

interface Recorded {
  readonly calls: readonly Call[];
  /** How many each recording has. */
  readonly numbers: readonly number[];
  /** What every recording has. */
  readonly stable: ReadonlySet<string>;
}

async function recordAll(session: Session, { operation, victim, fault }: Series): Promise<Recorded> {
  const calls: Call[] = [];
  const numbers = Array.from({ length: recordings }, () => 0);
  const stable = new Set<string>();
  for (const thread of victim === 'supervisor' ? threads : (['main'] as const)) {
    const runs: (readonly Call[])[] = [];
    for (let run = 0; run < recordings; run += 1) {
      const trace = join(session.options.keep, 'trace.txt');
      const done = await perform(session.app, { operation, victim, thread, trace });
      if (done.outcome === 'violated') throw new Error(`${operation} without any fault: ${done.problem}`);
      runs.push(done.calls.filter((call) => !isWakeUp(call) && (fault === 'KILL' || canFail(call))));
    }
    const [first = [], ...others] = runs;
    for (const [index, { length }] of runs.entries()) numbers[index] = (numbers[index] ?? 0) + length;
    calls.push(...first);
    for (const { what } of first) if (others.every((other) => other.some((call) => call.what === what))) stable.add(what);
  }
  if (!calls.some(({ syscall }) => syscall === 'fsync') && operation !== 'down' && victim !== 'cli')
    throw new Error('the thread for files was not found');
  return { calls, numbers, stable };
}

/**
 * First at the very call, then by the number of the call whatever it touches, then a little earlier: how many there are is partly a matter
 * of time, and a run that had fewer has ended before the last ones.
 */
async function runUntilFired(session: Session, point: CrashPoint): Promise<PointResult> {
  let result = await runPoint(session, point);
  const { file: _file, ...byNumber } = point;
  for (const part of earlier) {
    if (result.hasFired || result.outcome === 'violated') break;
    result = await runPoint(session, { ...byNumber, nth: Math.max(1, Math.floor(point.nth * part)) });
  }
  return { ...result, point };
}

async function runPoint(session: Session, point: CrashPoint): Promise<PointResult> {
  const { operation, victim, thread, syscall, nth, file, fault } = point;
  const { options } = session;
  const trace = join(options.keep, 'trace.txt');
  const injection = file === undefined ? { syscall, nth, fault } : { syscall, ...file, fault };
  const performed = await perform(session.app, { operation, victim, thread, trace, injection }).catch((error: unknown) =>
    broken(error as Error),
  );
  const result: PointResult = { point, ...performed, calls: [] };
  session.requests += result.requests;
  session.failedRequests += result.failedRequests.length;
  if (result.outcome === 'violated') await violated(session, result, trace);
  return result;
}

function broken(error: Error): Performed {
  const command = { code: null, text: '' };
  return {
    hasFired: false,
    hit: undefined,
    outcome: 'violated',
    problem: error.message,
    failedRequests: [],
    requests: 0,
    command,
    ms: 0,
    calls: [],
  };
}

/** Keeps what is left, and goes on with another app. */
async function violated(session: Session, result: PointResult, trace: string): Promise<void> {
  const { point, problem, hit } = result;
  const folder = join(session.options.keep, `violation-${session.violations.push(result)}`);
  session.options.log(`VIOLATED ${nameOf(point)} ${point.thread} ${point.syscall}:${point.nth} (${hit ?? point.what}): ${problem}`);
  mkdirSync(folder, { recursive: true });
  session.app.keep(folder);
  cpSync(trace, join(folder, 'trace.txt'), { force: true });
  writeFileSync(join(folder, 'point.json'), `${JSON.stringify(result, null, 2)}\n`);
  await session.app.remove();
  session.app = await newApp(session.frozen);
}

function summary(series: Series, { calls, numbers, stable }: Recorded, done: readonly PointResult[]): OperationResult {
  const recorded: Record<string, number> = {};
  for (const { syscall } of calls) recorded[syscall] = (recorded[syscall] ?? 0) + 1;
  const fixed = done.filter(({ point }) => point.file !== undefined && stable.has(point.what));
  const count = (outcome: PointResult['outcome']): number => done.filter((one) => one.hasFired && one.outcome === outcome).length;
  return {
    ...series,
    recordings: numbers,
    recorded,
    calls: calls.length,
    points: done.length,
    fired: done.filter(({ hasFired }) => hasFired).length,
    exact: { met: fixed.filter(({ point, hit }) => hit === point.what).length, of: fixed.length },
    old: count('old'),
    new: count('new'),
    violated: done.filter(({ outcome }) => outcome === 'violated').length,
    medianMs: done.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor(done.length / 2)] ?? 0,
  };
}

function nameOf({ operation, victim, fault }: Series): string {
  return `${fault} ${victim} during ${operation}`;
}
