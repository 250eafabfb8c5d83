/** G13, G14: how connections and programs end. */
import { startsNode } from '../stack/programs.ts';
import type { Service } from '../app/model.ts';
import type { Finding, GuardContext, Rule } from './guard.ts';
import { withoutComments } from './look/code.ts';
import { dockerfileOf } from './look/dockerfile.ts';
import { lineAt, packageOf, type TextFile } from './look/files.ts';
import { serverFiles } from './look/program.ts';

/** Of Node's HTTP server. */
const nodeKeepAliveMs = 5000;

export const keepAliveRace: Rule = {
  text: {
    id: 'G13',
    title: 'program that closes idle connections before the entry does',
    severity: 'block for Node, warn for others',
    cause:
      "The entry keeps idle connections to a replica longer than the program does. When the program closes one in the moment in which a request is sent on it, that request fails. Node's servers close after 5 s. Where the entry closes first, as on `local`, there is nothing to find.",
    fix: 'Let the program keep idle connections longer than the entry: `server.keepAliveTimeout = 65_000`.',
    example: 'server.keepAliveTimeout = 65_000; // the entry closes after 60 s',
  },
  needs: 'files',
  find: (context) => {
    const { heedsKeepAlive } = context.target.surroundings;
    const web = Object.values(context.app.services).filter(({ kind }) => kind === 'web');
    return web.flatMap((service) => {
      if (startsNode(service.run ?? [])) return heedsKeepAlive ? [] : nodeRace(context, service);
      return otherRace(context, service);
    });
  },
};

function nodeRace(context: GuardContext, service: Service): Finding[] {
  const { idleMs } = context.target.surroundings;
  const found = keepAliveOf(serverFiles(context, service));
  if (found === 'unknown') return [];
  const keepAliveMs = found?.ms ?? nodeKeepAliveMs;
  if (keepAliveMs === 0 || keepAliveMs > idleMs) return [];
  return [
    race(context, service, {
      keepAliveMs,
      where: found?.where,
      severity: 'block',
      fix: `Set server.keepAliveTimeout = ${longer(idleMs)}.`,
    }),
  ];
}

interface KeepAlive {
  readonly ms: number;
  readonly where: string;
}

/** Undefined when the source says nothing of it, `unknown` when it is no plain number. */
function keepAliveOf(files: readonly TextFile[]): KeepAlive | 'unknown' | undefined {
  for (const { path, text } of files) {
    const code = withoutComments(text, path);
    const match = /\bkeepAliveTimeout['"]?\s*[:=]\s*([\w.$]+)/.exec(code);
    if (match === null) continue;
    const written = match[1] ?? '';
    const ms = number(/^\d/.test(written) ? written : constant(written, files));
    return ms === undefined ? 'unknown' : { ms, where: `${path}:${lineAt(code, match.index)}` };
  }
  return undefined;
}

function constant(name: string, files: readonly TextFile[]): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return '';
  const declared = new RegExp(String.raw`(?:const|let|var)\s+${name.replaceAll('$', String.raw`\$`)}\s*(?::[^=\n]+)?=\s*([\d_]+)\s*[;,\n]`);
  return files.map(({ text }) => declared.exec(text)?.[1]).find((found) => found !== undefined) ?? '';
}

function number(text: string): number | undefined {
  const value = Number(text.replaceAll('_', ''));
  return text === '' || Number.isNaN(value) ? undefined : value;
}

const gunicornKeepAlive = /^--keep-alive(?:=(\d+))?$/;

/** Of other programs only what the command says is known: gunicorn's threads keep connections for 2 s unless they are told otherwise. */
function otherRace(context: GuardContext, service: Service): Finding[] {
  const { idleMs } = context.target.surroundings;
  const words = service.run ?? [];
  const at = words.findIndex((word) => gunicornKeepAlive.test(word));
  const given = at < 0 ? undefined : (gunicornKeepAlive.exec(words[at] ?? '')?.[1] ?? words[at + 1]);
  const keepAliveMs = Number(given) * 1000;
  if (given === undefined || !(keepAliveMs > 0) || keepAliveMs > idleMs) return [];
  return [
    race(context, service, { keepAliveMs, where: undefined, severity: 'warn', fix: `Give it --keep-alive ${longer(idleMs) / 1000}.` }),
  ];
}

function race(
  context: GuardContext,
  { name }: Service,
  { keepAliveMs, where, severity, fix }: { keepAliveMs: number; where: string | undefined; severity: 'block' | 'warn'; fix: string },
): Finding {
  const { idleMs } = context.target.surroundings;
  return {
    id: 'G13',
    severity,
    message: `${name} closes idle connections after ${keepAliveMs / 1000} s, the entry after ${idleMs / 1000} s`,
    where: where ?? context.locate(`services.${name}.run`),
    why: 'A request that is sent while the program closes the connection fails: about 1 of 100,000.',
    fix,
  };
}

function longer(idleMs: number): number {
  return idleMs + 5000;
}

export const badStop: Rule = {
  text: {
    id: 'G14',
    title: 'program that does not end when it is asked to',
    severity: 'warn',
    cause:
      'A program gets SIGTERM when a release takes its place, and is killed when its grace is over. It had to be killed last time; or it handles the signal without ending; or a shell or npm stands in front of it that does not pass the signal on where only the first process of a replica gets it (on `local` all of them get it).',
    fix: 'End on SIGTERM: close the server, then the database. Start the program itself, without a shell: `run: node server.js`, `CMD ["node", "server.js"]`.',
    example: "process.on('SIGTERM', () => server.close(() => database.end()));",
  },
  needs: 'files',
  find: (context) =>
    Object.values(context.app.services).flatMap((service) => [
      ...ignored(context, service),
      ...(context.purpose === 'check' ? [] : deaf(context, service)),
      ...(context.target.surroundings.stopSignal === 'first' ? wrapped(context, service) : []),
    ]),
};

const cut = 'Every release waits for the whole grace and then cuts what the program still does.';

function ignored(context: GuardContext, { name }: Service): Finding[] {
  if (context.experience.services[name]?.ignoredStop !== true) return [];
  const grace = context.app.release.graceMs / 1000;
  return [
    {
      id: 'G14',
      severity: 'warn',
      message: `${name} did not stop within ${grace} s of SIGTERM last time and was killed`,
      where: context.locate(`services.${name}`),
      why: cut,
      fix: 'Let it close its server and end on SIGTERM, or set release.grace to the time that it needs.',
    },
  ];
}

const emptyHandler =
  /process\.(?:on|once|addListener)\(\s*['"`]SIGTERM['"`]\s*,\s*(?:(?:async\s*)?\(\s*\w*\s*\)\s*=>\s*\{\s*\}|function\s*\w*\s*\(\s*\w*\s*\)\s*\{\s*\})\s*\)/;
const pythonIgnore = /signal\.signal\(\s*signal\.SIGTERM\s*,\s*signal\.SIG_IGN\s*\)/;

function deaf(context: GuardContext, service: Service): Finding[] {
  if (service.build === undefined || service.static !== undefined) return [];
  for (const { path, text } of serverFiles(context, service)) {
    const code = text.includes('SIGTERM') ? withoutComments(text, path) : '';
    const match = emptyHandler.exec(code) ?? pythonIgnore.exec(code);
    if (match === null) continue;
    const where = `${path}:${lineAt(code, match.index)}`;
    return [
      {
        id: 'G14',
        severity: 'warn',
        message: `${service.name} takes SIGTERM and does nothing`,
        where,
        why: cut,
        fix: 'Close the server there: what is in flight ends, then the program does.',
      },
    ];
  }
  return [];
}

const shells = /^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a|z)?sh$/;
const managers = /^(?:npm|pnpm|yarn|npx)$/;

/** What stands in front of the program, where only the first process is told. */
function wrapped(context: GuardContext, service: Service): Finding[] {
  const { name } = service;
  const command = dockerfileOf(context, service).findLast((one) => one.name === 'CMD' || one.name === 'ENTRYPOINT');
  const words = command === undefined ? [] : wordsOf(command.value);
  const [first = ''] = words;
  const inFront = shells.test(first) ? 'a shell' : managers.test(first) ? first : undefined;
  if (command === undefined || inFront === undefined || /\bexec\s/.test(words[2] ?? '')) return [];
  const start = packageOf(context, service)?.scripts['start'];
  const better = start !== undefined && /^node [\w./-]+$/.test(start) ? start.split(' ') : ['node', 'server.js'];
  return [
    {
      id: 'G14',
      severity: 'warn',
      message: `${inFront} stands in front of ${name} and does not pass SIGTERM on`,
      where: command.where,
      why: cut,
      fix: `Use CMD ${JSON.stringify(better)}.`,
    },
  ];
}

/** The form without brackets is run by a shell. */
function wordsOf(value: string): readonly string[] {
  if (!value.startsWith('[')) return ['sh', '-c', value];
  try {
    return (JSON.parse(value) as unknown[]).map(String);
  } catch {
    return [];
  }
}
