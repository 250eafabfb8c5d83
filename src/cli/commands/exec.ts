/** `gantry exec` and `gantry run`: a command with a service's variables and files, on this terminal. */
import { GantryError } from '../../errors.ts';
import { platforms } from '../../platforms/index.ts';
import { openEnvironment, serviceNamed } from '../environment.ts';
import type { Run } from '../io.ts';

const command =
  (name: 'exec' | 'run'): Run =>
  async (io, args) => {
    const { app, target, context } = await openEnvironment(io, args.words['env'] ?? '', name);
    const service = serviceNamed(app, args.words['service'] ?? '');
    if (args.rest.length === 0)
      throw new GantryError('GC1002', 'no command was given', {
        where: `gantry ${name}`,
        fix: `Write it after two dashes: gantry ${name} ${context.environment} ${service} -- COMMAND`,
        exitCode: 2,
      });
    return platforms[target.platform].exec(service, args.rest, context);
  };

export const run = command('exec');
export const runOnce = command('run');
