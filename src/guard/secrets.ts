/** G06: secrets in files that are copied, built into images, or read by others. */
import type { Service, Template } from '../app/model.ts';
import { shipsContent, type Finding, type GuardContext, type Rule, type Severity } from './guard.ts';
import { dockerfileOf } from './look/dockerfile.ts';
import { filesIn, folderOf, lineAt, sourcesOf, textOf, within } from './look/files.ts';
import { ignoreRulesOf } from './look/ignored.ts';
import { knownSecret, secretIn } from './look/secret-text.ts';

export const secretsInFiles: Rule = {
  text: {
    id: 'G06',
    title: 'secret in a file',
    severity: 'block; warn for a .env file that only a copy on this machine gets',
    cause:
      'A value in gantry.yaml, an environment, a Dockerfile, a build argument, the source, or in a .env file that becomes part of the content looks like a real secret. Whoever has the file, the image or the history has the secret. The value itself is never shown.',
    fix: 'Take it out, enter it with `gantry secret set ENV NAME`, and list its name under `secrets`. Then replace it where it is valid: it has been in a file.',
    example: 'MAIL_KEY of api looks like a real secret  gantry.yaml:31:7',
  },
  needs: 'files',
  find: (context) => {
    const services = Object.values(context.app.services);
    return [
      ...services.flatMap((service) => inVariables(context, service)),
      ...services.flatMap((service) => inArguments(context, service)),
      ...inSmoke(context),
      ...services.flatMap((service) => inDockerfile(context, service)),
      ...services.flatMap((service) => inContent(context, service)),
      ...(context.purpose === 'check' ? [] : services.flatMap((service) => inSource(context, service))),
    ];
  },
};

interface Spotted {
  readonly message: string;
  readonly where: string;
  readonly why: string;
  readonly fix: string;
  readonly severity?: Severity;
}

function spotted({ severity = 'block', ...rest }: Spotted): Finding {
  return { id: 'G06', severity, ...rest };
}

const readable = 'Everybody who can read the file, or its history, has it.';

function inVariables(context: GuardContext, { name: service, variables }: Service): Finding[] {
  return Object.entries(variables).flatMap(([name, template]) => {
    const kind = secretIn(name, literal(template));
    if (kind === undefined) return [];
    const fix = `Delete the line, add ${name} to secrets, and enter it: gantry secret set ${context.env.name} ${name}`;
    return [
      spotted({
        message: `${name} of ${service} looks like ${kind}`,
        where: context.locate(`services.${service}.variables.${name}`),
        why: readable,
        fix,
      }),
    ];
  });
}

/** Text with references is put together when it runs: what stands around them is no whole secret. */
function literal(template: Template): string {
  return template.every((part) => typeof part === 'string') ? template.join('') : '';
}

function inArguments(context: GuardContext, { name: service, build }: Service): Finding[] {
  return Object.entries(build?.args ?? {}).flatMap(([name, value]) => {
    const kind = secretIn(name, value);
    if (kind === undefined) return [];
    const why = 'Build arguments can be read from the image by everybody who can pull it.';
    const fix = `Delete the argument; the running service gets it through secrets: [${name}].`;
    return [
      spotted({
        message: `the build argument ${name} of ${service} looks like ${kind}`,
        where: context.locate(`services.${service}.build.args.${name}`),
        why,
        fix,
      }),
    ];
  });
}

function inSmoke(context: GuardContext): Finding[] {
  return context.app.smoke.flatMap(({ headers }, index) =>
    Object.entries(headers).flatMap(([name, value]) => {
      const kind = knownSecret(value);
      if (kind === undefined) return [];
      const fix = 'Ask something that needs no credentials, or expect the refusal: expect: { status: 401 }.';
      return [
        spotted({
          message: `the header ${name} of a smoke check looks like ${kind}`,
          where: context.locate(`smoke.${index}.headers.${name}`),
          why: readable,
          fix,
        }),
      ];
    }),
  );
}

function inDockerfile(context: GuardContext, service: Service): Finding[] {
  return dockerfileOf(context, service).flatMap(({ name: instruction, value, where }) => {
    const settings = instruction === 'ENV' || instruction === 'ARG' ? settingsOf(value) : [];
    const found = settings.find(([name, text]) => secretIn(name, text) !== undefined);
    const kind = found === undefined ? knownSecret(value) : secretIn(...found);
    if (kind === undefined) return [];
    const what =
      found === undefined
        ? `an instruction of the Dockerfile of ${service.name} has`
        : `${instruction} ${found[0]} of ${service.name} looks like`;
    const why = 'It stays in the layers of the image, also when a later step removes it.';
    return [
      spotted({
        message: `${what} ${kind}`,
        where,
        why,
        fix: 'Take it out; a running service gets secrets as variables, a build gets them as secret mounts.',
      }),
    ];
  });
}

/** `A=1 B="two"`, or the old `A 1`. */
function settingsOf(value: string): [string, string][] {
  const pairs = [...value.matchAll(/([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S*)/g)].map(([, name = '', text = '']): [string, string] => [
    name,
    unquoted(text),
  ]);
  if (pairs.length > 0) return pairs;
  const [, name, text] = /^([A-Za-z_]\w*)\s+(.+)$/.exec(value) ?? [];
  return name === undefined || text === undefined ? [] : [[name, unquoted(text)]];
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}

const settingsFile = /^\.env(?:\..+)?$/;
const exampleFile = /\.(?:example|sample|template|dist|defaults?|test)$/i;

/** Files that would become part of the content: what .dockerignore leaves out does no harm. */
function inContent(context: GuardContext, service: Service): Finding[] {
  if (service.image !== undefined) return [];
  const folder = folderOf(service);
  const names = filesIn(context, folder).filter((name) => (settingsFile.test(name) && !exampleFile.test(name)) || name === '.npmrc');
  if (names.length === 0) return [];
  const ignores = ignoreRulesOf(context, service);
  return names
    .filter((name) => !ignores(name))
    .flatMap((name) => {
      const path = within(folder, name);
      const found = settingInFile(textOf(context, path) ?? '', name);
      return found === undefined ? [] : [contentFinding(context, service, `${path}:${found.line}`, found, name)];
    });
}

interface Setting {
  readonly name: string;
  readonly kind: string;
  readonly line: number;
}

function settingInFile(text: string, file: string): Setting | undefined {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, name = '', value = ''] =
      (file === '.npmrc' ? /(_authToken|_password|_auth)\s*=\s*(.*)$/ : /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/).exec(line) ?? [];
    const text = unquoted(value.trim());
    const kind = name === '' || text.startsWith('$') ? undefined : secretIn(file === '.npmrc' ? `${name}_TOKEN` : name, text);
    if (kind !== undefined) return { name, kind, line: index + 1 };
  }
  return undefined;
}

/** A copy on this machine tells nobody else; an image, and a folder that is served as it is, do. */
function contentFinding(context: GuardContext, service: Service, where: string, { name, kind }: Setting, file: string): Finding {
  const leaves = shipsContent(context.target) || service.static?.dir === '.' || service.static?.dir === './';
  const severity = leaves ? 'block' : 'warn';
  const why = leaves
    ? 'The file becomes part of what is shipped, and whoever gets that has the secret.'
    : 'The file is copied into every release that is kept on this machine.';
  const fix = `Add ${file} to ${within(folderOf(service), '.dockerignore')}, and enter the value: gantry secret set ${context.env.name} ${name}`;
  return spotted({ message: `${name} in ${file} of ${service.name} looks like ${kind}`, where, why, fix, severity });
}

function inSource(context: GuardContext, service: Service): Finding[] {
  for (const { path, text } of sourcesOf(context, service)) {
    const line = text.split('\n').find((one) => knownSecret(one) !== undefined && !/example|placeholder|fake|dummy/i.test(one));
    if (line === undefined) continue;
    const where = `${path}:${lineAt(text, text.indexOf(line))}`;
    return [
      spotted({
        message: `the source of ${service.name} has ${knownSecret(line) ?? 'a secret'}`,
        where,
        why: readable,
        fix: 'Read it from the environment, and replace it where it is valid: it has been in a file.',
      }),
    ];
  }
  return [];
}
