/** `gantry exec` and `gantry run`: a command with a service's variables and files, on this terminal. */
import { GantryError } from '../../errors.ts';
import { platforms } from '../../platforms/index.ts';
import { openEnvironment, serviceNamed } from '../environment.ts';
import type { Run } from '../io.ts';

export const run: Run = async (io, args) => {
  const { app, target, context } = await openEnvironment(io, args.words['env'] ?? '', 'exec');
  const service = serviceNamed(app, args.words['service'] ?? '');
  if (args.rest.length === 0)
    throw new GantryError('GC1002', 'no command was given', {
      where: 'gantry exec',
      fix: `Write it after two dashes: gantry exec ${context.environment} ${service} -- COMMAND`,
      exitCode: 2,
    });
  return platforms[target.platform].exec(service, args.rest, context);
};
