import type { Path, Problem } from '../issue.ts';
import { maxVariable } from '../limits.ts';
import { perEntry, perService } from './rule.ts';

type Variables = Readonly<Record<string, string | number | boolean>>;

const given = new Set(['PATH', 'HOME', 'LANG', 'PORT', 'HOST']);

/** Variables that every replica gets from Gantry cannot be set. */
export const reservedVariableRule = perService((raw) => [
  ...reservedVariables(raw.variables ?? {}),
  ...longVariables(raw.variables ?? {}),
  ...(raw.secrets ?? []).flatMap((name, index) => (isGiven(name) ? [reserved(name, ['secrets', index], 'value')] : [])),
]);

/** A process does not start with more. */
export function longVariables(variables: Variables): Problem[] {
  return perEntry(variables, (name, value) => (String(value).length > maxVariable ? long(name, String(value).length) : undefined));
}

function long(name: string, length: number): Problem {
  return {
    code: 'GA1006',
    path: ['variables', name],
    message: `the value has ${length} characters; a program gets at most ${maxVariable}`,
    fix: 'put the content into a file of the service, and its path here',
  };
}

export function reservedVariables(variables: Variables): Problem[] {
  return perEntry(variables, (name) => (isGiven(name) ? reserved(name, ['variables', name], 'key') : undefined));
}

function isGiven(name: string): boolean {
  return given.has(name) || name.startsWith('GANTRY_');
}

function reserved(name: string, path: Path, at: 'key' | 'value'): Problem {
  const fix =
    name === 'PORT'
      ? 'delete it and declare the port with `port`; a fixed one as `port: { number: 5000, fixed: true }`'
      : 'delete it, or give the variable another name';
  return { code: 'GA2008', path, at, message: `${name} is set by Gantry for every replica`, fix };
}

/** Secrets never stand in the file, and a name is a variable or a secret. */
export const secretRule = perService((raw) => [
  ...duplicates(raw.secrets ?? []),
  ...(raw.secrets ?? []).flatMap((name, index) => (Object.hasOwn(raw.variables ?? {}, name) ? [both(name, ['secrets', index])] : [])),
  ...secretVariables(raw.variables ?? {}),
  ...perEntry(typeof raw.build === 'object' ? raw.build.args : undefined, (name, value) =>
    looksSecret(name, value) ? inImage(name, ['build', 'args', name]) : undefined,
  ),
]);

export function secretVariables(variables: Variables): Problem[] {
  return perEntry(variables, (name, value) => (looksSecret(name, value) ? inFile(name, ['variables', name]) : undefined));
}

function duplicates(names: readonly string[]): Problem[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [{ code: 'GA1008' as const, path: ['secrets', index], message: `"${name}" is listed twice`, fix: 'delete one of the two' }]
      : [],
  );
}

function both(name: string, path: Path): Problem {
  return {
    code: 'GA2013',
    path,
    message: `"${name}" is also under \`variables\``,
    fix: 'keep it in one place: under `secrets` if its value is secret',
  };
}

function inFile(name: string, path: Path): Problem {
  return {
    code: 'GA2013',
    path,
    message: 'this looks like a secret, and files are no place for one',
    fix: `delete the line, add "${name}" to \`secrets\` and enter its value with \`gantry secret set\``,
  };
}

function inImage(name: string, path: Path): Problem {
  return {
    code: 'GA2013',
    path,
    message: 'this looks like a secret, and build arguments can be read from the image',
    fix: `delete the argument; at run time the service gets a secret through \`secrets: [${name}]\``,
  };
}

const secretName = /(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|APIKEY|API_KEY|ACCESS_KEY|PRIVATE_KEY|SECRET_KEY|CREDENTIALS)$/i;
const credentialsInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;

/** Literal text only: references are stored as secrets by themselves. */
function looksSecret(name: string, value: string | number | boolean): boolean {
  if (typeof value !== 'string' || value === '' || value.includes('${')) return false;
  return secretName.test(name) || (value.includes('://') && credentialsInUrl.test(value));
}
