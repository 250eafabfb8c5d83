/** `gantry unlock ENV`: takes the lock from a holder that does not answer any more. */
import { GantryError } from '../../errors.ts';
import { platforms } from '../../platforms/index.ts';
import type { Holder } from '../../platforms/store.ts';
import { openEnvironment, type OpenEnvironment } from '../environment.ts';
import type { Arguments, Io, Run } from '../io.ts';
import { ago, clock, json, say } from '../print/text.ts';
import { ask, canAsk } from '../prompt.ts';

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'unlock');
  const platform = platforms[opened.target.platform];
  const store = await platform.store(opened.context);
  const holder = await store.holder();
  if (holder === undefined) return nobody(io, opened);
  say(io, `${opened.env.name} is locked by ${describe(holder)}`);
  const { operation } = await platform.status(opened.context);
  if (operation !== null && args.options['force'] !== true) throw atWork(opened, operation.step);
  await confirm(io, args, opened.env.name);
  const taken = await store.unlock();
  json(io, { unlocked: taken !== undefined, holder: taken ?? null });
  say(io, `✓ unlocked. ${holder.who} stops at its next step; the next command finishes what is left, or takes it back.`);
  return 0;
};

function nobody(io: Io, { env }: OpenEnvironment): number {
  json(io, { unlocked: false, holder: null });
  say(io, `Nobody holds the lock of ${env.name}.`);
  return 0;
}

/** `ana@build-7 (deploy, since 10:41:02, 3 min ago, process 4711 on build-7)` */
function describe({ who, operation, since, pid, host }: Holder): string {
  return `${who} (${operation}, since ${clock(new Date(since))}, ${ago(Date.now() - Date.parse(since))}, process ${pid} on ${host})`;
}

function atWork({ env }: OpenEnvironment, step: string): GantryError {
  return new GantryError('GR1001', `the operation is running well (step ${step})`, {
    where: env.name,
    state: 'the lock stays where it is',
    fix: `End it with Ctrl-C in its terminal, or with \`gantry rollback ${env.name}\` once users are on it; --force takes the lock nevertheless.`,
  });
}

async function confirm(io: Io, args: Arguments, name: string): Promise<void> {
  if (args.options['yes'] === true) return;
  const state = 'the lock stays where it is';
  if (!canAsk(io))
    throw new GantryError('GC1005', 'the lock would be taken away, and nobody can be asked here', {
      where: 'gantry unlock',
      state,
      fix: 'In scripts give --yes.',
      exitCode: 2,
    });
  const answer = await ask(io, `Type ${name} to take the lock away: `);
  if (answer.trim() !== name)
    throw new GantryError('GC1005', `${JSON.stringify(answer)} is not ${name}`, { where: 'gantry unlock', state });
}
