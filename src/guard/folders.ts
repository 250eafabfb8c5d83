/** What the app file says about the folder must be there before anything starts. */
import { existsSync, readdirSync } from 'node:fs';
import type { App, Service, Words } from '../app/model.ts';
import { GantryError } from '../errors.ts';
import { findProgram } from '../exec/tool.ts';

/** @throws GantryError GL1006 for the first folder or program that is missing; `lines` has all of them */
export async function checkFolders(app: App, folder: string, path: string): Promise<void> {
  const services = Object.values(app.services).filter((service) => service.build !== undefined);
  const absent = await absentPrograms(services, path);
  const seen = new Map<string, ReadonlySet<string>>();
  const problems = services.flatMap((service) => problemsOf(service, folder, absent, seen));
  const [first] = problems;
  if (first === undefined) return;
  throw new GantryError('GL1006', first.message, {
    where: `gantry.yaml ${first.where}`,
    fix: first.fix,
    lines: problems.slice(1).map(({ where, message }) => `${where}: ${message}`),
    exitCode: 2,
  });
}

/** Large apps name the same few programs again and again. Those with a slash are made by `prepare`, and cannot be judged now. */
async function absentPrograms(services: readonly Service[], path: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const { prepare, run, migrate } of services) {
    for (const words of [...prepare, run, migrate?.run]) if (words !== undefined) names.add(words[0] ?? '');
  }
  const absent = new Set<string>();
  for (const name of names) {
    if (!name.includes('/') && (await findProgram(name, path)) === undefined) absent.add(name);
  }
  return absent;
}

interface Command {
  readonly key: string;
  readonly words: Words;
}

function commandsOf({ prepare, run, migrate }: Service): Command[] {
  return [
    ...prepare.map((words, index) => ({ key: `prepare[${index}]`, words })),
    ...(run === undefined ? [] : [{ key: 'run', words: run }]),
    ...(migrate === undefined ? [] : [{ key: 'migrate', words: migrate.run }]),
  ];
}

interface Missing {
  readonly where: string;
  readonly message: string;
  readonly fix: string;
}

function problemsOf(service: Service, folder: string, absent: ReadonlySet<string>, seen: Map<string, ReadonlySet<string>>): Missing[] {
  const at = `services.${service.name}`;
  const context = service.build?.context ?? '.';
  const kind = kindOf(`${folder}/${context}`, seen);
  if (kind !== 'folder') return [missingFolder(`${at}.build`, context, kind)];
  if (absent.size === 0) return [];
  return commandsOf(service).flatMap(({ key, words: [program = ''] }) =>
    absent.has(program) ? [missingProgram(`${at}.${key}`, program)] : [],
  );
}

/** Folders in a folder, read once: a large app has its services side by side. Links are not among them. */
function foldersIn(parent: string, seen: Map<string, ReadonlySet<string>>): ReadonlySet<string> {
  const known = seen.get(parent);
  if (known !== undefined) return known;
  const names = listFolders(parent);
  seen.set(parent, names);
  return names;
}

/** None where the parent is not there or may not be listed; what it has is then looked at one by one. */
function listFolders(parent: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(parent, { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  } catch {
    return new Set();
  }
}

/** With a slash at its end only a folder exists, and asking for that is quicker than for everything about it. */
function kindOf(path: string, seen: Map<string, ReadonlySet<string>>): 'folder' | 'file' | 'nothing' {
  const end = path.lastIndexOf('/');
  if (foldersIn(path.slice(0, end), seen).has(path.slice(end + 1)) || existsSync(`${path}/`)) return 'folder';
  return existsSync(path) ? 'file' : 'nothing';
}

function missingFolder(where: string, context: string, kind: 'file' | 'nothing'): Missing {
  const message = kind === 'nothing' ? `the folder ${context} does not exist` : `${context} is a file, not a folder`;
  return { where, message, fix: `Make the folder ${context}, or correct the path; it is relative to gantry.yaml.` };
}

function missingProgram(where: string, program: string): Missing {
  return { where, message: `the program ${JSON.stringify(program)} is not on PATH`, fix: `Install ${program}, or correct the name.` };
}
