/** What a newcomer tries: a replica that is disturbed, a release that is good, one that is bad. */
import { GantryError } from '../../errors.ts';
import type { Disturbance } from '../../platforms/platform.ts';
import { lastNumber } from '../../release/history.ts';
import { readEvents } from '../../release/journal.ts';
import type { Tried, Tries, TryInput } from '../api/index.ts';
import type { Served } from '../served.ts';
import type { Operations } from './operations.ts';
import { trialRequest } from './requests.ts';
import { badTrial, goodTrial, type Trial } from './trials.ts';

export interface TryingOptions {
  /** `ana@build-7`, for the record. */
  readonly who: string;
  /** The program that runs a release which only says why it ends. */
  readonly node: string;
}

const elsewhere = 'Replicas are disturbed, and releases made for trying, only where they run on this machine.';
const back = 'The files are not touched: a deploy puts everything back as they say.';

export async function triesOf(served: Served, { node }: TryingOptions): Promise<Tries> {
  if (served.platform.disturb === undefined) return { unsupported: elsewhere, good: null, bad: null };
  const good = goodTrial(served.app, await nextNumber(served));
  return { unsupported: null, good: good?.text ?? null, bad: badTrial(served.app, node)?.text ?? null };
}

/** @throws GantryError GC2008 where nothing can be tried, or there is no such replica */
export async function attempted(served: Served, input: TryInput, operations: Operations, options: TryingOptions): Promise<Tried> {
  if (served.platform.disturb === undefined) throw new GantryError('GC2008', elsewhere, { where: served.env.name });
  if ('replica' in input) return disturbed(served, { replica: input.replica, how: input.kind, who: options.who });
  const trial = input.kind === 'good release' ? goodTrial(served.app, await nextNumber(served)) : badTrial(served.app, options.node);
  return released(served, input.kind, trial, operations);
}

async function disturbed({ platform, context }: Served, disturbance: Disturbance): Promise<Tried> {
  return { text: (await platform.disturb?.(disturbance, context)) ?? '', operation: null };
}

function released(served: Served, kind: 'good release' | 'bad release', trial: Trial | undefined, operations: Operations): Tried {
  if (trial === undefined) throw new GantryError('GC2008', 'no service of this app runs a program', { where: served.env.name });
  const operation = operations.begin(served, trialRequest(served, trial.app));
  return { text: `${kind === 'good release' ? 'A good release' : 'A bad release'} has begun: ${trial.text}. ${back}`, operation };
}

/** Of the release that is made next, so that each one differs. */
async function nextNumber({ platform, context }: Served): Promise<number> {
  return 1 + lastNumber(await readEvents(await platform.store(context)));
}
