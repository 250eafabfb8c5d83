/** Where the pages of releases are. */
import { pathIn } from '../../server/hooks.ts';

export function releasePath(environment: string, key: string): string {
  return pathIn(environment, `releases/${encodeURIComponent(key)}`);
}

/** @param from, to ids of releases that were promoted */
export function comparePath(environment: string, from: string, to: string): string {
  return pathIn(environment, `compare/${encodeURIComponent(from)}/${encodeURIComponent(to)}`);
}
