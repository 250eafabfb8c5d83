/** What the app file says about the folder must be there before anything starts. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { App, Service } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import { findProgram } from '../exec/tool.ts';

/** Whether a program is on PATH. */
type Finder = (program: string) => Promise<boolean>;

/** @throws GantryError GL1006 for the first folder or program that is missing; `lines` has all of them */
export async function checkFolders(app: App, folder: string, path: string): Promise<void> {
  const isOnPath = finder(path);
  const problems: Missing[] = [];
  for (const service of Object.values(app.services)) problems.push(...(await problemsOf(service, folder, isOnPath)));
  const [first] = problems;
  if (first === undefined) return;
  throw new GantryError('GL1006', first.message, {
    where: `gantry.yaml ${first.where}`,
    fix: first.fix,
    lines: problems.slice(1).map(({ where, message }) => `${where}: ${message}`),
    exitCode: 2,
  });
}

/** Large apps name the same few programs again and again. */
function finder(path: string): Finder {
  const known = new Map<string, Promise<boolean>>();
  return async (program) => {
    const found = known.get(program) ?? findProgram(program, path).then((file) => file !== undefined);
    known.set(program, found);
    return found;
  };
}

interface Missing {
  readonly where: string;
  readonly message: string;
  readonly fix: string;
}

async function problemsOf(service: Service, folder: string, isOnPath: Finder): Promise<Missing[]> {
  const at = `services.${service.name}`;
  const context = service.build?.context;
  if (context === undefined) return [];
  const kind = kindOf(join(folder, context));
  if (kind !== 'folder') return [missingFolder(`${at}.build`, context, kind)];
  return programProblems(service, at, isOnPath);
}

function kindOf(path: string): 'folder' | 'file' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing';
  }
}

function missingFolder(where: string, context: string, kind: 'file' | 'nothing'): Missing {
  const message = kind === 'nothing' ? `the folder ${context} does not exist` : `${context} is a file, not a folder`;
  return { where, message, fix: `Make the folder ${context}, or correct the path; it is relative to gantry.yaml.` };
}

/** Programs with a slash are made by `prepare`, so only names that are looked up on PATH can be judged now. */
async function programProblems(service: Service, at: string, isOnPath: Finder): Promise<Missing[]> {
  const commands = [
    ...service.prepare.map((words, index) => ({ where: `${at}.prepare[${index}]`, words })),
    ...(service.run === undefined ? [] : [{ where: `${at}.run`, words: service.run }]),
    ...(service.migrate === undefined ? [] : [{ where: `${at}.migrate`, words: service.migrate.run }]),
  ];
  const problems: Missing[] = [];
  for (const { where, words } of commands) {
    const [program = ''] = words;
    if (program.includes('/') || (await isOnPath(program))) continue;
    problems.push({
      where,
      message: `the program ${JSON.stringify(program)} is not on PATH`,
      fix: `Install ${program}, or correct the name.`,
    });
  }
  return problems;
}
