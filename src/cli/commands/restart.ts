import { openEnvironment, serviceNamed } from '../environment.ts';
import type { Run } from '../io.ts';
import { operate } from '../operate.ts';
import { steered } from '../print/steered.ts';
import { json, say } from '../print/text.ts';

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'restart');
  const { app, env } = opened;
  const service = args.words['service'] === undefined ? undefined : serviceNamed(app, args.words['service']);
  const request = { operation: 'restart', app, env, ...(service === undefined ? {} : { service }) } as const;
  const result = await operate(io, opened, request, { wait: args.options['wait'] === true });
  json(io, { restarted: service === undefined ? Object.keys(app.services) : [service], ...steered(result).document });
  say(io, `✓ restarted ${service ?? 'every service'}${steered(result).text}`);
  return 0;
};
