/** Places and contexts for the tests of resource drivers. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../../exec/secret.ts';
import type { ResourceSpec } from '../../../stack/process.ts';
import { placesOf, type Places } from '../places.ts';
import { ensureStateDir } from '../state-dir.ts';
import type { ResourceContext, ResourceDriver, RunningResource } from '../supervisor/resources.ts';

export interface Bench {
  readonly base: string;
  app(name: string): Promise<Places>;
  context(places: Places, more?: Partial<ResourceContext>): ResourceContext;
  start(driver: ResourceDriver, spec: ResourceSpec, context: ResourceContext): Promise<RunningResource>;
  readonly reports: string[];
  close(): Promise<void>;
}

export const password = new Secret('Abc123Abc123Abc123Abc123Abc123Ab');

/** A folder that every user may enter, with apps in it; what was started is stopped at the end. */
export async function bench(): Promise<Bench> {
  const base = await mkdtemp(join(tmpdir(), 'gantry-res-'));
  await chmod(base, 0o755);
  const started: { driver: ResourceDriver; running: RunningResource }[] = [];
  const reports: string[] = [];
  return {
    base,
    reports,
    async app(name) {
      await mkdir(join(base, name), { recursive: true });
      const places = placesOf(join(base, name), {
        env: { GANTRY_CACHE: join(base, 'cache'), XDG_RUNTIME_DIR: '/tmp' },
        uid: process.getuid?.() ?? 0,
      });
      await ensureStateDir(places);
      return places;
    },
    context: (places, more = {}) => ({
      places,
      password,
      env: { PATH: process.env['PATH'] ?? '', HOME: base, LANG: 'C' },
      logFile: join(places.logDir, 'resource.log'),
      report: (line) => void reports.push(line),
      signal: new AbortController().signal,
      ...more,
    }),
    async start(driver, spec, context) {
      const running = await driver.start(spec, context);
      started.push({ driver, running });
      return running;
    },
    async close() {
      for (const { driver, running } of started) await driver.stop(running);
      await rm(base, { recursive: true, force: true });
    },
  };
}
