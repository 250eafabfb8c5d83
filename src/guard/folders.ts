/** What the app file says about the folder must be there before anything starts. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { App, Service } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import { findProgram } from '../exec/tool.ts';

/** @throws GantryError GL1006 for the first folder or program that is missing; `lines` has all of them */
export async function checkFolders(app: App, folder: string, path: string): Promise<void> {
  const problems = (await Promise.all(Object.values(app.services).map((service) => problemsOf(service, folder, path)))).flat();
  const [first] = problems;
  if (first === undefined) return;
  throw new GantryError('GL1006', first.message, { where: `gantry.yaml ${first.where}`, fix: first.fix, lines: problems.slice(1).map(({ where, message }) => `${where}: ${message}`), exitCode: 2 });
}

interface Missing {
  readonly where: string;
  readonly message: string;
  readonly fix: string;
}

async function problemsOf(service: Service, folder: string, path: string): Promise<Missing[]> {
  const at = `services.${service.name}`;
  const context = service.build?.context;
  if (context === undefined) return [];
  const kind = await kindOf(join(folder, context));
  if (kind !== 'folder') return [missingFolder(`${at}.build`, context, kind)];
  return programProblems(service, at, path);
}

async function kindOf(path: string): Promise<'folder' | 'file' | 'nothing'> {
  return stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => 'nothing',
  );
}

function missingFolder(where: string, context: string, kind: 'file' | 'nothing'): Missing {
  const message = kind === 'nothing' ? `the folder ${context} does not exist` : `${context} is a file, not a folder`;
  return { where, message, fix: `Make the folder ${context}, or correct the path; it is relative to gantry.yaml.` };
}

/** Programs with a slash are made by `prepare`, so only names that are looked up on PATH can be judged now. */
async function programProblems(service: Service, at: string, path: string): Promise<Missing[]> {
  const commands = [
    ...service.prepare.map((words, index) => ({ where: `${at}.prepare[${index}]`, words })),
    ...(service.run === undefined ? [] : [{ where: `${at}.run`, words: service.run }]),
    ...(service.migrate === undefined ? [] : [{ where: `${at}.migrate`, words: service.migrate.run }]),
  ];
  const found = await Promise.all(commands.map(async ({ where, words: [program = ''] }) => ({ where, program, ok: program.includes('/') || (await findProgram(program, path)) !== undefined })));
  return found.filter(({ ok }) => !ok).map(({ where, program }) => ({ where, message: `the program ${JSON.stringify(program)} is not on PATH`, fix: `Install ${program}, or correct the name.` }));
}
