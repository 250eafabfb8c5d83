/** One-off processes of a release: migrations. */
import { appendFile } from 'node:fs/promises';
import { GantryError } from '../../../errors.ts';
import { run } from '../../../exec/exec.ts';
import type { JobSpec, JobsSpec } from '../../../stack/process.ts';
import type { JobRun } from '../../platform.ts';
import { jobSource, logFile } from '../log-files.ts';
import { contentFolder, type Launcher } from './launcher.ts';
import type { Mark } from './processes.ts';
import type { RuntimeFile } from './runtime.ts';

export interface JobParts {
  readonly launcher: Launcher;
  readonly runtime: RuntimeFile;
  readonly contentDir: string;
  readonly logDir: string;
}

const keptLines = 200;

/** Runs a job to its end, in the service's content and with its environment. An exit code other than 0 is an answer, not an error. */
export async function runJob(
  parts: JobParts,
  jobs: JobsSpec,
  name: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<JobRun> {
  const job = jobs.jobs.find((one) => one.name === name);
  if (job === undefined) throw new GantryError('GL1031', `the release has no job for ${name}`, { where: `services.${name}.migrate` });
  const port = await parts.launcher.freePort();
  const mark: Mark = { GANTRY_REPLICA: jobSource(name, jobs.release), GANTRY_RELEASE: jobs.release, PORT: String(port) };
  await parts.runtime.update((now) => ({ jobs: [...now.jobs, mark] }));
  try {
    return await perform(parts, job, jobs, port, onLine, signal);
  } finally {
    await parts.runtime.update((now) => ({ jobs: now.jobs.filter(({ PORT }) => PORT !== mark.PORT) }));
  }
}

async function perform(
  parts: JobParts,
  job: JobSpec,
  { release, secrets }: JobsSpec,
  port: number,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<JobRun> {
  const source = jobSource(job.name, release);
  const cwd = contentFolder(parts.contentDir, job.content, job.name);
  const env = await parts.launcher.environment({ release, name: source, port, env: job.env, versions: secrets });
  const lines: string[] = [];
  const log = logWriter(logFile(parts.logDir, source));
  const take = (line: string): void => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    log.write(line);
    onLine(line);
  };
  const { exitCode } = await run({ argv: job.run, cwd, env, signal, accept: () => true, onLine: take });
  await log.done();
  return { name: job.name, exitCode, lines };
}

/** Appends in order. A full disk loses lines of the log, never the job. */
function logWriter(file: string): { write(line: string): void; done(): Promise<void> } {
  let pending = '';
  let writing: Promise<void> | undefined;
  const flush = async (): Promise<void> => {
    while (pending !== '') {
      const text = pending;
      pending = '';
      await appendFile(file, text, { mode: 0o600 }).catch(() => undefined);
    }
    writing = undefined;
  };
  return {
    write(line) {
      pending += `${line}\n`;
      writing ??= flush();
    },
    done: async () => writing,
  };
}
