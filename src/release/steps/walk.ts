/** Steps that change the running place: provision, migrate, apply, healthy, smoke, shift, retire, and the way back. */
import { GantryError } from '../../errors.ts';
import { checkAssets } from '../smoke-assets.ts';
import { smoke as runSmoke } from '../smoke.ts';
import { hasMigrated, migratedText, migrationsBegin, migrationsEnd, staysText } from '../schema.ts';
import { bothSets, engineContext, makeTrue, platformContext, takeAway, type Work } from '../work.ts';
import { newRelease } from '../plan.ts';

export async function provision(work: Work): Promise<string> {
  const next = work.stored ?? newRelease(work);
  return makeTrue(work, { ...(work.live === undefined ? {} : { live: work.live }), next }, ['foundation']);
}

/** Runs each service's migration once, from the new content, before the next set starts. @throws GantryError GR2001 */
export async function migrate(work: Work): Promise<string> {
  if (work.stored !== undefined) return staysText(work);
  const sets = bothSets(work);
  const jobs = Object.values(work.app.services).filter((service) => service.migrate !== undefined);
  if (jobs.length === 0) return '';
  if (hasMigrated(work.journal.events(), work.next?.id ?? '')) return 'this release has migrated before';
  await migrationsBegin(work);
  for (const stack of work.target.compile(sets).filter(({ phase }) => phase === 'migrate')) {
    const files = work.engines[stack.engine].render(stack, engineContext(work, sets).content);
    for (const { name } of jobs) await migrateOne(work, { stack: stack.id, name, files });
  }
  migrationsEnd(work);
  return migratedText(work);
}

async function migrateOne(
  work: Work,
  job: { readonly stack: string; readonly name: string; readonly files: Readonly<Record<string, string>> },
): Promise<void> {
  const say = (message: string): void => work.report({ step: 'migrate', state: 'running', message, elapsedMs: 0 });
  const result = await work.platform.run(job, say, platformContext(work));
  if (result.exitCode === 0) return;
  throw new GantryError('GR2001', `the migration of ${job.name} ended with exit code ${result.exitCode}`, {
    where: `services.${job.name}.migrate`,
    lines: result.lines.slice(-20),
  });
}

export async function apply(work: Work): Promise<string> {
  return makeTrue(work, bothSets(work), ['release']);
}

export async function healthy(work: Work): Promise<string> {
  const say = (message: string): void => work.report({ step: 'healthy', state: 'running', message, elapsedMs: 0 });
  const ready = await work.platform.awaitReady('next', say, platformContext(work));
  return `${ready} ready`;
}

export async function smoke(work: Work): Promise<string> {
  const entry = await work.platform.entry('next', platformContext(work));
  const passed = await runSmoke(work.app.smoke, entry, work.signal);
  const { asked, missing } = await checkAssets(work);
  const checks = passed === 0 ? 'no checks' : `${passed} of ${work.app.smoke.length} passed`;
  const assets = asked === 0 ? '' : `, ${asked === 1 ? 'one asset' : `${asked} assets`}`;
  return `${checks}${assets}${missing.length === 0 ? '' : ` (missing: ${missing.join(', ')})`}`;
}

/** From here on every request goes to the next set. */
export async function shift(work: Work): Promise<string> {
  await work.platform.shift(100, platformContext(work));
  work.exposed = { since: work.exposed?.since ?? performance.now(), share: 100 };
  return '100 %';
}

/** The next set becomes the live one; the old one drains and stops. Only one who has lost the lock stops in the middle. */
export async function retire(work: Work): Promise<string> {
  if (work.next === undefined) return '';
  await makeTrue(work, { live: work.next }, ['release'], work.lease.lost);
  return work.live === undefined ? '' : `release ${work.live.id} has stopped`;
}

/**
 * Takes the walk back: all requests to the old set at once, then the next one goes.
 * @param decided when going back was decided, monotonic
 * @returns how long it took from there until no request goes to the next set any more, in ms
 */
export async function revert(work: Work, decided: number): Promise<number> {
  const calm = { ...work, signal: work.lease.lost };
  if (work.live === undefined) {
    if (work.next !== undefined) await takeAway(calm, bothSets(calm), ['release'], 'revert');
    return elapsed(decided);
  }
  calm.signal.throwIfAborted();
  if (work.next !== undefined) await calm.platform.shift(0, platformContext(calm));
  const backMs = elapsed(decided);
  if (work.next !== undefined) await makeTrue(calm, { live: work.live }, ['release']);
  return backMs;
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
