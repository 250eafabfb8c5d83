import type { App } from '../../app/model.ts';
import { GantryError } from '../../errors.ts';
import { openEnvironment, serviceNamed } from '../environment.ts';
import type { Run } from '../io.ts';
import { operate } from '../operate.ts';
import { steered } from '../print/steered.ts';
import { count as plural, json, say } from '../print/text.ts';

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
  const limits = app.services[service]?.scale ?? { min: 1, max: 1 };
  const count = Number(value);
  if (count < 1 || count > limits.max) throw outside(service, limits.max, count);
  return { service, count };
}

function outside(service: string, max: number, count: number): GantryError {
  return wrong(
    `${service} may have 1 to ${max} replicas, not ${count}`,
    count < 1
      ? 'At least one replica runs; `gantry down` stops the whole app.'
      : `Write scale: { min: 1, max: ${count} } under services.${service} in gantry.yaml, instead of replicas if that is there, then \`gantry up\`.`,
  );
}

function wrong(message: string, fix: string): GantryError {
  return new GantryError('GC1002', message, { where: 'gantry scale', fix, exitCode: 2 });
}
