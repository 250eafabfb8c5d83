/** The few instructions of a Dockerfile that say how a program runs. Only its last stage counts. */
import { splitWords } from '../words.ts';
import { baseName, join, type View } from './listing.ts';
import { emptyPart, guess, inShell, type CommandLine, type Found, type Part } from './part.ts';
import { parse } from './package-json.ts';
import { portNumber } from './source.ts';

export interface Dockerfile {
  readonly file: string;
  readonly port?: number;
  readonly command?: readonly string[];
  /** Command that needs a shell, as it is written. */
  readonly shell?: string;
  readonly base?: string;
  readonly environment: Readonly<Record<string, string>>;
}

export function readDockerfile(view: View): Dockerfile | undefined {
  const file = view.has('Dockerfile')
    ? 'Dockerfile'
    : view
        .paths()
        .filter((path) => !path.includes('/') && /dockerfile/i.test(path) && !path.startsWith('.') && !path.endsWith('ignore'))
        .toSorted()[0];
  const text = file === undefined ? undefined : view.text(file);
  return file === undefined || text === undefined ? undefined : { file, ...instructions(text) };
}

function instructions(text: string): Omit<Dockerfile, 'file'> {
  const state: { -readonly [Key in keyof Omit<Dockerfile, 'file'>]: Dockerfile[Key] } & { environment: Record<string, string> } = {
    environment: {},
  };
  let entrypoint: readonly string[] | undefined;
  for (const line of logicalLines(text)) {
    const [, word = '', rest = ''] = /^\s*([A-Za-z]+)\s+([^\n]+)$/.exec(line) ?? [];
    switch (word.toUpperCase()) {
      case 'FROM':
        Object.assign(state, {
          port: undefined,
          command: undefined,
          shell: undefined,
          environment: {},
          base: rest.split(/\s+/)[0],
        });
        entrypoint = undefined;
        break;
      case 'EXPOSE':
        Object.assign(state, { port: state.port ?? portNumber(rest.split(/\s+/)[0]?.split('/')[0]) });
        break;
      case 'ENTRYPOINT':
        entrypoint = words(rest);
        break;
      case 'CMD':
        Object.assign(state, commandOf(rest));
        break;
      case 'ENV':
        Object.assign(state.environment, environment(rest));
        break;
    }
  }
  return withEntrypoint(state, entrypoint);
}

function withEntrypoint(state: Omit<Dockerfile, 'file'>, entrypoint: readonly string[] | undefined): Omit<Dockerfile, 'file'> {
  const { command, ...rest } = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as unknown as Omit<
    Dockerfile,
    'file'
  >;
  const helper = entrypoint !== undefined && /^(\/sbin\/|\/usr\/bin\/)?(tini|dumb-init)$/.test(entrypoint[0] ?? '');
  const all = entrypoint === undefined || helper ? command : [...entrypoint, ...(command ?? [])];
  return all === undefined ? rest : { ...rest, command: all };
}

function commandOf(rest: string): Pick<Dockerfile, 'command' | 'shell'> {
  const command = words(rest);
  return command === undefined ? { shell: rest.trim() } : { command };
}

function words(rest: string): readonly string[] | undefined {
  const list = rest.trim().startsWith('[') ? parse(rest) : undefined;
  if (Array.isArray(list) && list.length > 0 && list.every((word) => typeof word === 'string')) return list;
  const split = splitWords(rest);
  return 'words' in split ? split.words : undefined;
}

function environment(rest: string): Record<string, string> {
  const pairs = [...rest.matchAll(/([A-Za-z_]\w{0,80})=("[^"]{0,500}"|'[^']{0,500}'|\S{0,500})/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name ?? '', (value ?? '').replace(/^(["'])(.*)\1$/, '$2')]));
}

/** Comments left out, lines that end in a backslash put together. */
function logicalLines(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n');
}

/** Fills in what the source did not say, and names what it contradicts. */
export function withDockerfile(part: Part, docker: Dockerfile): Part {
  const port =
    part.port ??
    (docker.port === undefined ? undefined : guess({ number: docker.port, fixed: false }, `${docker.file}: EXPOSE ${docker.port}`));
  const conflict = part.port !== undefined && docker.port !== undefined && docker.port !== part.port.value.number && part.kind === 'server';
  const fromDocker = conflict && environmentPort(docker) === docker.port && !part.port.value.fixed;
  return {
    ...part,
    ...(part.kind === 'worker' && docker.port !== undefined ? { kind: 'server' as const } : {}),
    ...dockerfileOf(part, docker),
    ...(port === undefined || part.kind === 'site'
      ? {}
      : { port: fromDocker ? guess({ number: docker.port, fixed: false }, `${docker.file} sets PORT to ${docker.port}`) : port }),
    ...(part.run === undefined && part.kind !== 'site' ? runOf(docker) : {}),
    remarks: [
      ...part.remarks,
      ...(conflict && !fromDocker
        ? [
            {
              what: `port ${part.port.value.number} was taken, not ${docker.port}`,
              why: `${part.port.why}, but ${docker.file} exposes ${docker.port}`,
              sure: false,
            },
          ]
        : []),
    ],
  };
}

/** A workspace is built from its top, where its Dockerfile does not lie. */
function dockerfileOf(part: Part, { file }: Dockerfile): { dockerfile?: string } {
  if (part.context !== undefined && part.context !== part.folder) return { dockerfile: join(part.folder, file) };
  return file === 'Dockerfile' ? {} : { dockerfile: file };
}

function environmentPort(docker: Dockerfile): number | undefined {
  return portNumber(docker.environment['PORT']);
}

function runOf({ file, command, shell }: Dockerfile): { run?: Found<CommandLine> } {
  if (command !== undefined) return { run: guess(command, `${file}: how the container starts`) };
  return shell === undefined ? {} : { run: guess(inShell(shell), `${file}: how the container starts, which needs a shell`) };
}

/** A folder of which only the Dockerfile is understood. */
export function dockerPart(view: View, docker: Dockerfile): Part {
  const site = /\b(nginx|httpd|caddy)\b/.test(docker.base ?? '');
  const why = 'only its Dockerfile is understood here; a place without containers needs `run`, and `prepare` if it must be built';
  const part = { ...emptyPart(view.folder, 'server'), ...(view.folder === '.' ? {} : { name: baseName(view.folder) }) };
  const remarks = site
    ? [{ what: 'the image serves files with a web server', why: 'if it is only a site, say `static: FOLDER` instead', sure: false }]
    : [];
  return withDockerfile(
    {
      ...part,
      remarks: [
        ...remarks,
        { what: `${view.folder === '.' ? 'the program' : view.folder} may not start without containers`, why, sure: false },
      ],
    },
    docker,
  );
}
