/** `gantry deploy ENV`: releases what the folder says, and starts the app first where it does not run. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GantryError } from '../../errors.ts';
import { checkFolders } from '../../guard/folders.ts';
import type { PlanFile } from '../../release/plan.ts';
import { commitOfFolder } from '../commit.ts';
import { consentOf, listOf } from '../consent.ts';
import { openEnvironment, serviceNamed, type OpenEnvironment } from '../environment.ts';
import { runsInOwnBuild, startedFor } from '../first-start.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { whenFree } from '../operate.ts';
import { readPast, type Past } from '../past.ts';
import { releaseAndReport, type Releasing } from '../releasing.ts';
import { wantedPort } from '../starting.ts';
import { version } from '../version.ts';

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'deploy');
  refuseImages(opened, listOf(args.options['image']));
  const consent = consentOf(args);
  const plan = await planFrom(io, args, opened);
  await checkFolders(opened.app, opened.project.folder, io.env['PATH'] ?? '');
  const past = await readPast(opened);
  const commit = commitOfFolder(opened.project.folder);
  const { app, env } = opened;
  const { allow, allowSchemaMismatch } = consent;
  const releasing: Releasing = {
    request: {
      operation: 'deploy',
      app,
      env,
      allow,
      allowSchemaMismatch,
      ...(commit === undefined ? {} : { commit }),
      ...(plan === undefined ? {} : { plan }),
    },
    consent,
    wait: args.options['wait'] === true,
    past,
    what: `release ${nextNumber(past)}`,
    commit,
  };
  return startedFirst(io, opened, args, plan, async () => releaseAndReport(io, opened, releasing));
};

function nextNumber({ records }: Past): number {
  return 1 + records.reduce((most, { number }) => Math.max(most, number), 0);
}

/** @throws GantryError GC1002 (not SERVICE=REF), GC1004, GR1003 (the target runs no images) */
function refuseImages({ app, env, target }: OpenEnvironment, images: readonly string[]): void {
  for (const text of images) {
    const [service, ref] = text.split('=', 2);
    if (service === undefined || !ref)
      throw new GantryError('GC1002', `${JSON.stringify(text)} is not SERVICE=REF`, {
        where: '--image',
        fix: 'Write for example --image backend=registry.example.com/backend@sha256:...',
        exitCode: 2,
      });
    serviceNamed(app, service);
    const support = target.supports(app, env)['service.image'];
    if (support.level === 'no')
      throw new GantryError('GR1003', `--image ${service}: ${support.reason}`, {
        where: `${env.name} (${target.name})`,
        state: 'nothing was changed',
        exitCode: 2,
      });
  }
}

/** @throws GantryError GR6001, GR6003 */
async function planFrom(io: Io, args: Arguments, { app, env }: OpenEnvironment): Promise<PlanFile | undefined> {
  const file = args.options['plan'];
  if (typeof file !== 'string') return undefined;
  const { foreignPlan, parsedPlan } = await import('../../release/plan.ts');
  const path = resolve(io.cwd, file);
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new GantryError('GR6003', `${file} cannot be read: ${error.message}`, { where: '--plan', exitCode: 2, cause: error });
  });
  const plan = parsedPlan(text, file);
  const foreign = foreignPlan(plan, { app, env }, version);
  if (foreign === undefined) return plan;
  throw new GantryError(foreign.code, foreign.message, { where: file, state: 'nothing was changed', fix: foreign.fix });
}

/** An app that does not run is started detached; what has never served is stopped again when its release fails. */
async function startedFirst(
  io: Io,
  opened: OpenEnvironment,
  args: Arguments,
  plan: PlanFile | undefined,
  release: () => Promise<number>,
): Promise<number> {
  const wait = args.options['wait'] === true;
  if (await whenFree(io, opened, wait, async () => runsInOwnBuild(io, opened))) return release();
  if (plan !== undefined && plan.live !== null) throw notRunning(opened);
  return startedFor(io, opened, wantedPort(io, args), release, (code) => code === 0);
}

function notRunning({ project, env }: OpenEnvironment): GantryError {
  return new GantryError('GL1001', 'the app does not run, so that nothing of what the plan would change is there', {
    where: project.folder,
    fix: `Start it with \`gantry up --detach\`, then make a new plan: gantry plan ${env.name} --out FILE`,
  });
}
