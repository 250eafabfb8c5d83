/** What the guardrails get to see of a release. */
import type { GuardContext, PlannedEnvironment } from '../guard/guard.ts';
import { environmentsOf } from '../guard/look/environments.ts';
import { sourceState } from '../guard/look/git.ts';
import { locator } from '../guard/look/positions.ts';
import { isProduction } from '../guard/guard.ts';
import { experienceIn } from './experience.ts';
import { history } from './history.ts';
import { liveMigrations } from './schema.ts';
import { platformContext, type Work } from './work.ts';

const answerMs = 1000;

/** Of one release: what was looked at stays looked at from one step to the next. */
const contexts = new WeakMap<Work, Promise<Known>>();

type Known = Pick<GuardContext, 'environments' | 'locate' | 'source' | 'ask' | 'experience' | 'neighbours'>;

export async function guardContext(work: Work): Promise<GuardContext> {
  const { app, env, target, folder, cacheDir, path, request, signal } = work;
  const known = contexts.get(work) ?? knownOf(work);
  contexts.set(work, known);
  const before = await known;
  return {
    ...before,
    app,
    env,
    target,
    folder,
    cacheDir,
    built: builtFolders(work),
    path,
    purpose: request.operation === 'up' || request.operation === 'watch' ? 'up' : 'deploy',
    experience: { ...before.experience, ...(await triedElsewhere(work)) },
    changes: work.changes.length === 0 ? undefined : work.changes,
    migrated: await liveMigrations(work),
    signal,
  };
}

async function knownOf(work: Work): Promise<Known> {
  const { app, env, folder, path, journal, live, signal } = work;
  const own: PlannedEnvironment = { env, app };
  const source = memoized(async () => sourceState(folder, path, signal));
  const [environments, neighbours] = await Promise.all([environmentsOf(folder, own), neighboursOf(work)]);
  return {
    environments,
    locate: locator(folder, env.name),
    source,
    ask: async (asked) => (live === undefined ? undefined : askLive(work, asked)),
    experience: experienceIn(journal.events(), live !== undefined),
    neighbours,
  };
}

function memoized<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return async () => (made ??= make());
}

/** Who else is here matters only to a program that cannot take another port. */
async function neighboursOf(work: Work): Promise<GuardContext['neighbours']> {
  const fixed = Object.values(work.app.services).some(({ port }) => port?.fixed === true);
  return fixed ? ((await work.platform.neighbours?.(platformContext(work)).catch(() => [])) ?? []) : [];
}

async function askLive(work: Work, path: string): ReturnType<GuardContext['ask']> {
  const started = performance.now();
  try {
    const { url, headers } = await work.platform.entry('live', platformContext(work));
    const signal = AbortSignal.any([work.signal, AbortSignal.timeout(answerMs)]);
    const answer = await fetch(new URL(path, url), { headers, redirect: 'manual', signal });
    await answer.body?.cancel();
    return { status: answer.status, ms: Math.round(performance.now() - started) };
  } catch {
    return undefined;
  }
}

function builtFolders({ builder, content, cacheDir }: Work): Readonly<Record<string, string>> {
  const folders = Object.entries(content).flatMap(([name, ref]) => {
    const folder = builder.folder?.(ref, { cacheDir });
    return folder === undefined ? [] : [[name, folder] as const];
  });
  return Object.fromEntries(folders);
}

/** Only production asks, and only once it is known what would be released. */
async function triedElsewhere({ env, content, journal }: Work): Promise<{ readonly tried?: readonly string[] }> {
  if (!isProduction(env) || Object.keys(content).length === 0) return {};
  const promoted = new Set(history(journal.events()).flatMap(({ outcome, release }) => (outcome === 'promoted' ? [release] : [])));
  const refs = (await Promise.all([...promoted].map(async (release) => journal.ref(release)))).filter((ref) => ref !== undefined);
  const seen = new Set(
    refs.filter((ref) => ref.env.name !== env.name).flatMap((ref) => Object.values(ref.content).map(({ address }) => address)),
  );
  return { tried: Object.entries(content).flatMap(([name, { address }]) => (seen.has(address) ? [name] : [])) };
}
