/** What an environment remembers of its releases. */
import { platforms } from '../platforms/index.ts';
import { pastIn, type Past } from '../release/past.ts';
import type { OpenEnvironment } from './environment.ts';

export { commitOf, meterOf, recordOf, type Past } from '../release/past.ts';

export async function readPast({ target, context }: Pick<OpenEnvironment, 'target' | 'context'>): Promise<Past> {
  return pastIn(await platforms[target.platform].store(context));
}
