/** Everything that is recorded of one attempt; pure. */
import type { Change as PlannedChange } from '../../engines/engine.ts';
import type { Finding as Found } from '../../guard/guard.ts';
import type { GateFigures } from '../../platforms/platform.ts';
import { keptEvidence } from '../../release/evidence.ts';
import type { Note, ReleaseRecord } from '../../release/history.ts';
import type { Allowance } from '../../release/request.ts';
import type { Change, Finding, Gate, Problem, Progress, ReleaseDetail, ReleaseSummary } from '../api/index.ts';
import type { Attempt } from './attempts.ts';
import type { Said } from './said.ts';
import { walkOf } from './walk.ts';

/** @param said of who carries the attempt on; undefined when nobody does */
export function detailOf(summary: ReleaseSummary, attempt: Attempt, said: Said | undefined): ReleaseDetail {
  const { record, events } = attempt;
  const guarded = notesAbout(record, 'guard');
  const planned = notesAbout(record, 'plan').at(-1);
  return {
    ...summary,
    walk: walkOf(events, said),
    gates: notesAbout(record, 'gate').map(judgedGate),
    changes: listIn<PlannedChange>(planned, 'changes').map(changeOf),
    findings: guarded.flatMap((note) => listIn<Found>(note, 'findings')).map(findingOf),
    allowed: allowedIn(guarded),
    backMs: backMsOf(record),
    evidence: evidenceIn(attempt),
  };
}

/** What the one who carries it on says, with what is recorded so far. */
export function progressOf({ key, record, events }: Attempt, said: Said): Progress {
  const judged = notesAbout(record, 'gate').map(judgedGate);
  const present = said.gate !== null && !judged.some(({ step }) => step === said.gate?.step) ? openGate(said.gate) : undefined;
  return {
    key,
    operation: record.operation,
    walk: walkOf(events, said),
    gate: present ?? judged.at(-1) ?? null,
    meter: said.meter === null ? null : { ...said.meter, failures: { ...said.meter.failures } },
  };
}

function openGate({ step, share, live, next, limits, durationMs, elapsedMs }: GateFigures): Gate {
  return { step, share, verdict: null, reason: null, judgedOn: null, live, next, limits, durationMs, elapsedMs };
}

/** What an earlier version has not noted is left out. */
function judgedGate(note: Note): Gate {
  const { step, share, verdict, reason = null, judgedOn = null, live, next, limits, durationMs, ...rest } = note as unknown as Noted;
  const { elapsedMs = durationMs } = rest;
  return { step, share, verdict, reason, judgedOn, live, next, ...(limits === undefined ? {} : { limits }), durationMs, elapsedMs };
}

type Noted = Pick<GateFigures, 'step' | 'share' | 'live' | 'next' | 'durationMs'> &
  Partial<Pick<GateFigures, 'limits' | 'elapsedMs'>> & {
    readonly verdict: 'go' | 'stop';
    readonly reason?: string;
    readonly judgedOn?: 'users' | 'smoke only';
  };

function notesAbout({ notes }: ReleaseRecord, about: Note['about']): readonly Note[] {
  return notes.filter((note) => note.about === about);
}

function listIn<T>(note: Note | undefined, key: string): readonly T[] {
  const list = note?.[key];
  return Array.isArray(list) ? (list as readonly T[]) : [];
}

function changeOf({ kind, subject, detail, downtime, dataLoss }: PlannedChange): Change {
  return { kind, subject, detail, downtime, dataLoss };
}

function findingOf({ id, severity, message, where = null, why, fix }: Omit<Found, 'where'> & { readonly where?: string | null }): Finding {
  return { id, severity, message, where, why, fix };
}

/** Guardrails judge twice, before and after the plan; each reason is told once. */
function allowedIn(guarded: readonly Note[]): { id: string; reason: string }[] {
  const all = guarded.flatMap((note) => listIn<Allowance>(note, 'allowed')).map(({ id, reason }) => ({ id, reason }));
  return [...new Map(all.map((one) => [`${one.id} ${one.reason}`, one])).values()];
}

function backMsOf(record: ReleaseRecord): number | null {
  const ms = notesAbout(record, 'timing').findLast(({ what }) => what === 'rollback')?.['ms'];
  return typeof ms === 'number' ? ms : null;
}

/** A release that was promoted after all has nothing to explain. */
function evidenceIn({ record, events }: Attempt): Problem | null {
  const kept = record.failed === null ? null : keptEvidence(events);
  if (kept === null) return null;
  const { code, message, fix, lines, exitCode, where, state } = kept;
  const optional = { ...(where === undefined ? {} : { where }), ...(state === undefined ? {} : { state }) };
  return { code, message, fix, lines: [...lines], exitCode, ...optional };
}
