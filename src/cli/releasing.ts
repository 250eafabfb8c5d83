/** A release or a rollback from its first line to its last, for people and as JSON. */
import { isGantryError, type GantryError, type WireError } from '../errors.ts';
import type { OperateResult, StepEvent } from '../platforms/local/protocol.ts';
import type { ReleaseRecord } from '../release/history.ts';
import type { MeterResult } from '../release/meter.ts';
import type { ReleaseRequest } from '../release/request.ts';
import { withAnswers, type Consent } from './consent.ts';
import type { OpenEnvironment } from './environment.ts';
import { hasHungUp, type Io } from './io.ts';
import { listenForKey } from './keys.ts';
import { interrupt, operate } from './operate.ts';
import { meterOf, readPast, type Past } from './past.ts';
import { errorText } from './print/error.ts';
import { paint } from './print/paint.ts';
import { progressPrinter } from './print/progress.ts';
import { headline, meterText, releaseName, truthAfter, type Failure } from './print/release.ts';
import { duration, json, say } from './print/text.ts';

export interface Releasing {
  /** Everything but the answers to questions. */
  readonly request: Omit<ReleaseRequest, 'confirmed'>;
  readonly consent: Consent;
  readonly wait: boolean;
  /** Of the environment before. */
  readonly past: Past;
  /** Of the first line: `release 42`, `back to release 41`. */
  readonly what: string;
  readonly commit: string | undefined;
}

/** The document of `deploy --json` and `rollback --json`. */
interface ReleaseDocument {
  readonly operation: string;
  readonly environment: string;
  readonly outcome: 'promoted' | 'unchanged' | 'rolled back' | 'failed';
  /** The release that was asked for; null when the attempt did not get that far. */
  readonly release: string | null;
  readonly number: number;
  readonly serves: { readonly release: string | null; readonly number: number };
  readonly url: string | null;
  readonly durationMs: number;
  readonly meter: MeterResult | null;
  readonly error?: WireError;
}

const interruptedExitCode = 130;
/** While users are on the next set, a person who sees something ends it with one key. */
const undoableSteps = new Set(['canary', 'bake']);
const undoKey = 'r';

/** Gives the exit code. @throws what is no problem of the release itself, for example GC1002 */
export async function releaseAndReport(io: Io, opened: OpenEnvironment, releasing: Releasing): Promise<number> {
  const { request, consent, wait, what, commit } = releasing;
  const started = performance.now();
  say(io, headline(opened.app.name, opened.env, opened.target, { what, commit }));
  let undone = false;
  const keys = listenForKey(io, undoKey, () => {
    undone = true;
    interrupt(opened).catch(() => {});
  });
  const hint = (step: string): string => (undoableSteps.has(step) ? `  press ${undoKey} to roll back` : '');
  const onEvent = ({ step, state }: StepEvent): void => (undoableSteps.has(step) && state === 'running' ? keys.start() : keys.stop());
  try {
    const result = await withAnswers(io, opened.env.name, consent, async (confirmed) =>
      operate(io, opened, { ...request, confirmed }, { wait, onEvent, printer: progressPrinter(io, { full: true, hint }) }),
    );
    return succeeded(io, opened, request.operation, result);
  } catch (error) {
    keys.stop();
    if (!isGantryError(error) || hasHungUp(io)) throw error;
    return await failed(io, opened, releasing, error, { undone, durationMs: Math.round(performance.now() - started) });
  } finally {
    keys.stop();
  }
}

function succeeded(io: Io, { env }: OpenEnvironment, operation: string, result: OperateResult): number {
  const { release, number, changed, durationMs, url } = result;
  const meter = (result.meter ?? null) as MeterResult | null;
  const outcome = changed ? 'promoted' : 'unchanged';
  const document: ReleaseDocument = {
    operation,
    environment: env.name,
    outcome,
    release,
    number,
    serves: { release, number },
    url,
    durationMs,
    meter,
  };
  json(io, document);
  const figures = meterText(meter);
  if (!changed) say(io, `Nothing changed: ${releaseName(number, release)} serves ${url}`);
  else say(io, `✓ ${releaseName(number, release)} promoted in ${duration(durationMs)}.  ${figures === '' ? url : figures}`);
  return 0;
}

interface Circumstances {
  /** By a key, so that the failure is what was wanted. */
  readonly undone: boolean;
  readonly durationMs: number;
}

async function failed(
  io: Io,
  opened: OpenEnvironment,
  { request, past }: Releasing,
  error: GantryError,
  { undone, durationMs }: Circumstances,
): Promise<number> {
  const now = await readPast(opened).catch(() => past);
  const record = error.code === 'GR1001' ? undefined : newRecord(past, now);
  const live = { release: now.state.live, number: now.live?.number ?? 0 };
  const failure: Failure = { error, record, live, meter: meterOf(record), backMs: backMsOf(record) };
  const outcome = record?.outcome === 'rolled back' ? 'rolled back' : 'failed';
  const document: ReleaseDocument = {
    operation: request.operation,
    environment: opened.env.name,
    outcome,
    release: record?.release ?? null,
    number: record?.number ?? 0,
    serves: live,
    url: null,
    durationMs,
    meter: failure.meter,
    error: error.toJSON(),
  };
  json(io, document);
  const wanted = undone || io.signal.aborted;
  if (!io.flags.json) io.stderr.write(`${wanted ? truthAfter(failure) : errorText(error, paint(io), truthAfter(failure))}\n`);
  return io.signal.aborted ? interruptedExitCode : error.exitCode;
}

/** Of the attempt, if it got as far as being recorded. The beginning of the record may have been left away meanwhile. */
function newRecord(past: Past, now: Past): ReleaseRecord | undefined {
  const last = now.records.at(-1);
  return last?.begun === past.records.at(-1)?.begun ? undefined : last;
}

function backMsOf(record: ReleaseRecord | undefined): number | undefined {
  const ms = record?.notes.findLast(({ about, what }) => about === 'timing' && what === 'rollback')?.['ms'];
  return typeof ms === 'number' ? ms : undefined;
}
