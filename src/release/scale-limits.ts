/** How many replicas a person may ask for. */
import type { App } from '../app/model.ts';
import { GantryError } from '../errors.ts';

/** @param where the question came from. @throws GantryError GC1002 */
export function checkCount({ services }: App, service: string, count: number | 'auto', where: string): void {
  const most = services[service]?.scale.max ?? 1;
  if (count === 'auto' || (count >= 1 && count <= most)) return;
  const fix =
    count < 1
      ? 'At least one replica runs; `gantry down` stops the whole app.'
      : `Write scale: { min: 1, max: ${count} } under services.${service} in gantry.yaml, instead of replicas if that is there, then \`gantry up\`.`;
  throw new GantryError('GC1002', `${service} may have 1 to ${most} replicas, not ${count}`, { where, fix, exitCode: 2 });
}
