/** A Procfile: `web: gunicorn shop.wsgi`, one process a line. */
import { splitWords } from '../words.ts';
import type { View } from './listing.ts';
import { guess, inShell, sure, type CommandLine, type Found, type Part } from './part.ts';

const pythonTools = /^(gunicorn|uvicorn|hypercorn|daphne|celery|flask|alembic|waitress-serve|dramatiq|rq)$/;

/** Adds what the Procfile says to the program of its folder: `web` is how it starts, `release` migrates, others are workers. */
export function withProcfile(part: Part, view: View): readonly Part[] {
  const lines = entries(view.text('Procfile') ?? '');
  const python = part.prepare.some(({ value }) => typeof value === 'string' && value.includes('venv'));
  const command = (text: string, name: string): Found<CommandLine> => toCommand(text, python, `Procfile: ${name}`);
  const web = lines.get('web');
  const release = lines.get('release');
  const main: Part = {
    ...part,
    ...(web === undefined ? {} : { run: command(web, 'web') }),
    ...(release === undefined ? {} : { migrate: command(release, 'release') }),
  };
  const workers = [...lines]
    .filter(([name]) => name !== 'web' && name !== 'release')
    .map(([name, text]) => workerOf(part, name, command(text, name)));
  return web === undefined && workers.length > 0 && part.run === undefined ? workers : [main, ...workers];
}

function workerOf(part: Part, name: string, run: Found<CommandLine>): Part {
  const { port: _port, health: _health, migrate: _migrate, ...rest } = part;
  return { ...rest, name, kind: 'worker', run, prefixes: [], remarks: [] };
}

function entries(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).slice(0, 50);
  return new Map(
    lines.flatMap((line) => {
      const [, name, command] = /^([\w-]{1,40}):\s*(\S.*)$/.exec(line) ?? [];
      return name === undefined || command === undefined ? [] : [[name, command.trim()] as const];
    }),
  );
}

function toCommand(text: string, python: boolean, why: string): Found<CommandLine> {
  const heedsPort = /^gunicorn\b/.test(text);
  const plain = heedsPort ? text.replace(/\s(?:--bind|-b)[ =]\S*\$\{?PORT\}?\S*/, '') : text;
  const line = python
    ? plain
        .replace(/^python3?(?=\s)/, '.venv/bin/python')
        .replace(/^(\S+)/, (word) => (pythonTools.test(word) ? `.venv/bin/python -m ${word}` : word))
    : plain;
  return 'words' in splitWords(line) ? sure(line, why) : guess(inShell(line), `${why}, which needs a shell`);
}
