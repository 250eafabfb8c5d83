/** The pages, loaded when somebody goes there, and where they are. */
import { lazy, type ComponentType } from 'react';
import { pathIn } from '../server/hooks.ts';
import { orAnew } from './anew.ts';

const loaders = {
  overview: () => import('../pages/overview/index.tsx'),
  releases: () => import('../pages/releases/index.tsx'),
  logs: () => import('../pages/logs/index.tsx'),
  metrics: () => import('../pages/metrics/index.tsx'),
  environments: () => import('../pages/environments/index.tsx'),
  try: () => import('../pages/try/index.tsx'),
};

export type PageName = keyof typeof loaders;

export const pages: Readonly<Record<PageName, ComponentType>> = {
  overview: lazy(orAnew(loaders.overview)),
  releases: lazy(orAnew(loaders.releases)),
  logs: lazy(orAnew(loaders.logs)),
  metrics: lazy(orAnew(loaders.metrics)),
  environments: lazy(orAnew(loaders.environments)),
  try: lazy(orAnew(loaders.try)),
};

/** Fetches a page before somebody goes there. */
export function preload(page: PageName): void {
  // What fails here fails again when somebody goes there, and is said then.
  loaders[page]().catch(() => undefined);
}

/** Address patterns in the order in which they are tried. */
export const routes: readonly (readonly [pattern: string, page: PageName])[] = [
  ['/e/:env', 'overview'],
  ['/e/:env/releases', 'releases'],
  ['/e/:env/releases/:key', 'releases'],
  ['/e/:env/compare/:from/:to', 'releases'],
  ['/e/:env/plan', 'releases'],
  ['/e/:env/logs', 'logs'],
  ['/e/:env/metrics', 'metrics'],
  ['/e/:env/try', 'try'],
  ['/environments', 'environments'],
];

/** The address of the same page in another environment; what only the first one has (a release) is left behind. */
export function samePageIn(location: string, environment: string): string {
  const page = /^\/e\/[^/]+\/(releases|logs|metrics|plan|try)/.exec(location)?.[1] ?? '';
  return pathIn(environment, page);
}
