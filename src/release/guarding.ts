/** What the guardrails get to see of a release. */
import type { GuardContext } from '../guard/guard.ts';
import { history } from './history.ts';
import type { Work } from './work.ts';

export async function guardContext(work: Work): Promise<GuardContext> {
  const { app, env, target, folder, path, request, journal, live, signal } = work;
  const kept = new Set(
    history(journal.events())
      .filter(({ outcome }) => outcome === 'promoted')
      .map(({ release }) => release),
  );
  return {
    app,
    env,
    target,
    environments: [env],
    folder,
    built: {},
    path,
    purpose: request.operation === 'up' || request.operation === 'watch' ? 'up' : 'deploy',
    locate: (place) => `gantry.yaml ${place}`,
    experience: { kept: kept.size, serves: live !== undefined, services: {} },
    neighbours: [],
    changes: undefined,
    migrated: undefined,
    signal,
  };
}
