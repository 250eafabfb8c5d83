import { platforms } from '../../platforms/index.ts';
import { openEnvironment, serviceNamed } from '../environment.ts';
import type { Run } from '../io.ts';
import { json, say } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const { app, target, context } = await openEnvironment(io, args.words['env'] ?? '', 'restart');
  const service = args.words['service'] === undefined ? undefined : serviceNamed(app, args.words['service']);
  await platforms[target.platform].restart(service, context);
  json(io, { restarted: service ?? Object.keys(app.services) });
  say(io, `✓ restarted ${service ?? 'every service'}`);
  return 0;
};
