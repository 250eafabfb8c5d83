/** The guardrails as `check` sees them: nothing is built or planned, and nothing is asked of what runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experience, Finding, GuardContext } from '../guard/guard.ts';
import { judge } from '../guard/judge.ts';
import { locator } from '../guard/look/positions.ts';
import { targets } from '../targets/index.ts';
import type { Io } from './io.ts';
import type { Project, ProjectEnvironment } from './project.ts';

export interface Judged {
  readonly environment: string;
  /** How many rules looked; those that need a build, a plan or a release do not. */
  readonly rules: number;
  readonly findings: readonly Finding[];
}

export async function judgeAll(io: Io, project: Project, chosen: readonly ProjectEnvironment[]): Promise<readonly Judged[]> {
  const experience = await experienceOf(project.folder);
  return Promise.all(chosen.map(async (one) => judgeOne(io, project, one, experience)));
}

async function judgeOne(io: Io, project: Project, { app, env }: ProjectEnvironment, experience: Experience): Promise<Judged> {
  const target = targets[env.target];
  if (target === undefined) return { environment: env.name, rules: 0, findings: [] };
  const context: GuardContext = {
    app,
    env,
    target,
    environments: project.environments,
    folder: project.folder,
    cacheDir: project.folder,
    built: {},
    path: io.env['PATH'] ?? '',
    purpose: 'check',
    locate: locator(project.folder, env.name),
    source: async () => undefined,
    ask: async () => undefined,
    experience,
    neighbours: [],
    changes: undefined,
    migrated: undefined,
    signal: io.signal,
  };
  const { rules, findings } = await judge(context, [], ['files']);
  return { environment: env.name, rules, findings };
}

/** What runs on this machine have shown; where nothing ever ran, nothing is loaded. */
async function experienceOf(folder: string): Promise<Experience> {
  const none: Experience = { kept: 0, serves: false, services: {} };
  if (!existsSync(join(folder, '.gantry', 'store'))) return none;
  const { localExperience } = await import('./local-experience.ts');
  return localExperience(folder).catch(() => none);
}
