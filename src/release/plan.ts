/** Plans: what a release would change, and the file that carries one to a later `deploy --plan`. */
import type { ErrorCode } from '../errors.ts';
import type { Change } from '../engines/engine.ts';
import { canonical, digest } from '../stack/names.ts';
import type { ReleaseRef, Sets } from '../stack/stack.ts';
import { engineContext, type Work } from './work.ts';

/** `plan --out FILE`. */
export interface PlanFile {
  readonly format: 1;
  /** Version of Gantry that wrote it. */
  readonly gantry: string;
  readonly app: string;
  readonly environment: string;
  /** The release that served when it was made. */
  readonly live: string | null;
  /** Digest over what would run: app, environment, content. */
  readonly wanted: string;
  readonly changes: readonly Change[];
}

/** The files of every stack as the engines write them, by stack and path; secrets are references in them. */
export function renderedFiles(work: Work, sets: Sets): Record<string, Readonly<Record<string, string>>> {
  const { content } = engineContext(work, sets);
  return Object.fromEntries(
    work.target.compile(sets).map((stack) => [stack.id, work.engines[stack.engine].render(stack, content)] as const),
  );
}

/** Digest over what would run. Versions of secrets are left out: they are fixed late, and what depends on them is in `changes`. */
export function wantedDigest({ app, env, content }: Pick<ReleaseRef, 'app' | 'env' | 'content'>): string {
  return digest(canonical({ app, env, content }));
}

export function planFile(work: Pick<Work, 'app' | 'env' | 'content' | 'live' | 'version' | 'changes'>): PlanFile {
  return {
    format: 1,
    gantry: work.version,
    app: work.app.name,
    environment: work.env.name,
    live: work.live?.id ?? null,
    wanted: wantedDigest(work),
    changes: work.changes,
  };
}

interface Mismatch {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

/** Why a plan must not be carried out here and now; undefined when it may be. */
export function planMismatch(
  file: PlanFile,
  work: Pick<Work, 'app' | 'env' | 'content' | 'live' | 'changes'>,
  version: string,
): Mismatch | undefined {
  const again = `Make a new one: gantry plan ${work.env.name} --out FILE`;
  const foreign = (message: string): Mismatch => ({ code: 'GR6001', message, fix: again });
  const stale = (message: string): Mismatch => ({ code: 'GR6002', message, fix: again });
  if (file.app !== work.app.name) return foreign(`the plan is for the app ${file.app}, not ${work.app.name}`);
  if (file.environment !== work.env.name) return foreign(`the plan is for ${file.environment}, not ${work.env.name}`);
  if (file.gantry !== version) return foreign(`the plan was made by Gantry ${file.gantry}; this is ${version}`);
  if (file.live !== (work.live?.id ?? null))
    return stale(`the plan was made when ${named(file.live)} served; now ${named(work.live?.id ?? null)} does`);
  if (file.wanted !== wantedDigest(work)) return stale('the files have changed since the plan was made');
  if (canonical(file.changes) !== canonical(work.changes)) return stale('what would change has changed since the plan was made');
  return undefined;
}

function named(release: string | null): string {
  return release === null ? 'nothing' : `release ${release}`;
}
