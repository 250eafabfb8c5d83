import type { ServerEvent, Topic } from '../../../src/server/api/index.ts';

/** `local/status`: an environment and what of it is watched. */
export type Interest = `${string}/${Topic}`;

/** The interest that an event belongs to; its type alone when every page gets it. */
export function keyOf(event: ServerEvent): string {
  if (event.type === 'hello' || event.type === 'environments' || event.type === 'operation' || event.type === 'lost') return event.type;
  return `${event.environment}/${event.type}`;
}
