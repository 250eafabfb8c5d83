/** The dashboard's parts, put together: for each environment what watches it, and what changes it. */
import { nearest } from '../app/suggest.ts';
import { GantryError } from '../errors.ts';
import type { EnvironmentSummary, Overview } from './api/index.ts';
import { environmentParts, type OpenParts } from './environment-parts.ts';
import { createHub } from './events/hub.ts';
import { createOperations } from './operations/operations.ts';
import { overviewOf } from './overview/overview.ts';
import type { Parts } from './parts.ts';
import { problemOf } from './problem.ts';
import type { Served, ServedApp } from './served.ts';
import { whileWatched } from './while-watched.ts';

export interface PartsOptions {
  /** Who asks for what is asked for here: `ana@build-7`. */
  readonly who: string;
  /** Path of the Node that runs small programs. */
  readonly node: string;
  /** Told what no person can do anything about. */
  readonly onBug?: (error: unknown) => void;
}

/** How often the files are looked at while somebody watches. */
const lookMs = 1000;

/** The app's environments may come and go with its files. */
export function partsOf(app: ServedApp, options: PartsOptions): Parts {
  const hub = createHub({ version: app.version });
  const operations = createOperations(hub, options);
  const open = new Map<string, OpenParts>();
  const partsFor = (served: Served): OpenParts => {
    const { name } = served.env;
    const found = open.get(name) ?? environmentParts(served, { ...options, hub, operations });
    open.set(name, found);
    return found;
  };
  let names: readonly string[] = [];
  const environments = async (): Promise<readonly Served[]> => {
    const now = await app.environments();
    names = now.map(({ env }) => env.name);
    for (const [name, parts] of open) if (!names.includes(name) && open.delete(name)) await parts.close();
    return now;
  };
  let published = '';
  const overview = async (): Promise<Overview> => {
    await environments();
    const found = withFileProblem(await overviewOf(app, async (served) => partsFor(served).status()), app);
    const text = JSON.stringify(found.environments);
    if (text !== published) hub.publish({ type: 'environments', environments: found.environments });
    published = text;
    return found;
  };
  const watching = whileWatched(
    hub,
    () => names,
    lookMs,
    async () => {
      await overview().catch((error: unknown) => options.onBug?.(error));
    },
  );
  return {
    hub,
    overview,
    environment: async (name) => partsFor(named(await environments(), name)),
    operation: (id) => operations.find(id),
    async close() {
      watching.close();
      await Promise.all([...open.values()].map(async (parts) => parts.close()));
      hub.close();
    },
  };
}

function named(environments: readonly Served[], name: string): Served {
  const found = environments.find(({ env }) => env.name === name);
  if (found !== undefined) return found;
  const names = environments.map(({ env }) => env.name);
  const guess = nearest(name, names);
  const fix = `${guess === undefined ? '' : `did you mean ${guess}? `}environments here: ${names.join(', ')}`;
  throw new GantryError('GC1003', `there is no environment ${JSON.stringify(name)}`, { fix, exitCode: 2 });
}

/** What is wrong with the files concerns every environment that has no worse trouble. */
function withFileProblem(overview: Overview, app: ServedApp): Overview {
  const problem = app.problem?.();
  if (problem === undefined) return overview;
  const environments = overview.environments.map((summary): EnvironmentSummary => ({
    ...summary,
    problem: summary.problem ?? problemOf(problem),
  }));
  return { ...overview, environments };
}
