import type { App } from '../../app/model.ts';
import { GantryError } from '../../errors.ts';
import { checkCount } from '../../release/scale-limits.ts';
import { openEnvironment, serviceNamed } from '../environment.ts';
import type { Run } from '../io.ts';
import { operate } from '../operate.ts';
import { steered } from '../print/steered.ts';
import { count as plural, json, say } from '../print/text.ts';

const where = 'gantry scale';

export const run: Run = async (io, args) => {
  const opened = await openEnvironment(io, args.words['env'] ?? '', 'scale');
  const { app, env } = opened;
  const { service, count } = change(app, args.words['change'] ?? '');
  const result = await operate(io, opened, { operation: 'scale', app, env, service, count }, { wait: args.options['wait'] === true });
  const { document, text } = steered(result);
  json(io, { service, count, ...document });
  const has = count === 'auto' ? 'the number of replicas that its scale asks for' : plural(count, 'replica');
  say(io, `✓ ${service} has ${has}${text}`);
  return 0;
};

/** `backend=4` within the limits of the service. @throws GantryError GC1002 */
export function change(app: App, text: string): { readonly service: string; readonly count: number | 'auto' } {
  const [, name = '', value = ''] = /^([^=]+)=(auto|[0-9]{1,4})$/.exec(text) ?? [];
  if (name === '') throw wrong(`${JSON.stringify(text)} is not SERVICE=N`, 'Write for example backend=4, or backend=auto.');
  const service = serviceNamed(app, name);
  if (value === 'auto') return { service, count: 'auto' };
  const count = Number(value);
  checkCount(app, service, count, where);
  return { service, count };
}

function wrong(message: string, fix: string): GantryError {
  return new GantryError('GC1002', message, { where, fix, exitCode: 2 });
}
