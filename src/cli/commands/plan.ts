/** `gantry plan ENV`: what a deploy would change, without a lock and without a trace. */
import { join, resolve } from 'node:path';
import { engines } from '../../engines/index.ts';
import type { ChangeKind } from '../../engines/engine.ts';
import { GantryError } from '../../errors.ts';
import { writeDurably } from '../../exec/files.ts';
import { checkFolders } from '../../guard/folders.ts';
import { platforms } from '../../platforms/index.ts';
import type { Drift, Platform } from '../../platforms/platform.ts';
import { placesOf } from '../../platforms/local/places.ts';
import { outlook, type Outlook } from '../../release/outlook.ts';
import { changeLines, changesText, isEmpty, planFile, writtenPlan, type PlanInput } from '../../release/plan.ts';
import { schemaLines } from '../../release/schema.ts';
import type { MigrationRecord } from '../../stack/stack.ts';
import { commitOfFolder } from '../commit.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import type { Run } from '../io.ts';
import { readPast } from '../past.ts';
import { addresses, harmOf } from '../plan-places.ts';
import { printable } from '../print/error.ts';
import { headline, releaseName } from '../print/release.ts';
import { json, say } from '../print/text.ts';
import { version } from '../version.ts';

/** `--exit-code`: something would change, or has drifted. */
const changesExitCode = 3;

interface Planned extends Outlook<MigrationRecord> {
  /** Undefined when it was not asked for; null when the platform cannot tell. */
  readonly drift: readonly Drift[] | null | undefined;
}

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'plan');
  await checkFolders(opened.app, opened.project.folder, io.env['PATH'] ?? '');
  const platform = platforms[opened.target.platform];
  const past = await readPast(opened);
  const content = await addresses(opened);
  const found = await outlook(past, inputOf(opened, platform, content), async (live) => harmOf(opened, live));
  const { live, changes } = found;
  const drift = args.options['drift'] === true ? await driftOf(opened, platform, found.running) : undefined;
  const file = typeof args.options['out'] === 'string' ? resolve(io.cwd, args.options['out']) : undefined;
  if (file !== undefined) await write(file, writtenPlan(planFile({ ...opened, content, live, version, changes })));
  const result: Planned = { ...found, drift };
  json(io, documentOf(opened, result, file));
  for (const line of lines(opened, result)) say(io, line);
  if (file !== undefined) say(io, `  kept in ${file}: gantry deploy ${opened.env.name} --plan ${args.options['out'] as string}`);
  const differs = !isEmpty(changes) || (drift?.length ?? 0) > 0;
  return args.options['exitCode'] === true && differs ? changesExitCode : 0;
};

function inputOf(
  { app, env, target, project, context }: OpenEnvironment,
  platform: Platform,
  content: PlanInput['content'],
): Omit<PlanInput, 'live' | 'stored'> {
  const { folder, stateDir, supervisorSocket } = placesOf(project.folder);
  const { signal } = context;
  return {
    app,
    env,
    target,
    engines,
    platform,
    folder,
    workDir: join(stateDir, 'work'),
    control: supervisorSocket,
    content,
    signal,
  };
}

async function driftOf({ context }: OpenEnvironment, platform: Platform, running: boolean): Promise<readonly Drift[] | null> {
  if (!running) return null;
  const drift = await platform.drift(context);
  return 'unsupported' in drift ? null : drift;
}

async function write(file: string, text: string): Promise<void> {
  await writeDurably(file, text, { mode: 0o644 }).catch((error: Error) => {
    throw new GantryError('GC1008', `the plan cannot be written: ${error.message}`, { where: file, cause: error });
  });
}

const kinds: readonly ChangeKind[] = ['create', 'update', 'replace', 'delete', 'unchanged', 'unknown'];

function documentOf(
  { app, env }: OpenEnvironment,
  { changes, harm, number, live, running, downtime, dataLoss, drift }: Planned,
  file: string | undefined,
): object {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, changes.filter((change) => change.kind === kind).length]));
  return {
    app: app.name,
    environment: env.name,
    live: live === undefined ? null : { release: live.id, number },
    running,
    summary: { ...counts, downtime, dataLoss },
    changes,
    schema: harm.map(({ name, effect, reasons }) => ({ name, effect, reasons })),
    ...(drift === undefined ? {} : { drift }),
    ...(file === undefined ? {} : { file }),
  };
}

function lines({ app, env, target, project }: OpenEnvironment, { changes, harm, number, live, running, drift }: Planned): string[] {
  const what = live === undefined ? 'nothing is released yet' : `${releaseName(number, live.id)} serves`;
  const commit = commitOfFolder(project.folder);
  return [
    headline(app.name, env, target, { what: running ? what : 'the app does not run: all of it would be started', commit }),
    ...(isEmpty(changes)
      ? ['  Nothing would change.']
      : [changesText(changes, harm), ...changeLines(changes), ...schemaLines(harm)].map((line) => `  ${printable(line)}`)),
    ...(drift === undefined ? [] : driftLines(drift)),
  ];
}

function driftLines(drift: readonly Drift[] | null): string[] {
  if (drift === null) return ['  drift: not measured'];
  if (drift.length === 0) return ['  No drift: what runs is what was released.'];
  return ['  Drift:', ...drift.map(({ subject, detail }) => `  ! ${subject}  ${printable(detail)}`)];
}
