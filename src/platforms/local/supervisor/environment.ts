/** The environment of a process, exactly: nothing of the supervisor's own gets in. */
import { GantryError } from '../../../errors.ts';
import type { Environment } from '../../../exec/exec.ts';
import type { SpecPlaceholder, SpecValue } from '../../../stack/process.ts';

/** Where values come from. Each gives undefined for a name that it does not know. */
export interface ValueSources {
  secret(name: string): Promise<string | undefined>;
  /** `db.port` */
  resource(name: string): string | undefined;
  /** `backend.url`: an address inside the same set. */
  service(name: string): Promise<string | undefined>;
  /** `port` */
  replica(name: string): string | undefined;
}

export interface ProcessIdentity {
  readonly release: string;
  readonly replica: string;
  readonly port: number;
}

const loopback = '127.0.0.1';
const inherited = ['PATH', 'HOME', 'LANG'] as const;

/**
 * PATH, HOME and LANG of the caller, HOST, the service's variables, and then what is Gantry's: PORT, GANTRY_RELEASE, GANTRY_REPLICA.
 * @throws GantryError GL1025 naming the first variable whose value is not known
 */
export async function processEnvironment(
  variables: Readonly<Record<string, SpecValue>>,
  identity: ProcessIdentity,
  sources: ValueSources,
  base: Environment,
): Promise<Record<string, string>> {
  const own = Object.fromEntries(inherited.flatMap((name) => (base[name] === undefined ? [] : [[name, base[name]]])));
  const resolved = await Promise.all(
    Object.entries(variables).map(async ([name, value]) => [name, await resolveValue(name, value, sources)] as const),
  );
  return {
    ...own,
    HOST: loopback,
    ...Object.fromEntries(resolved),
    PORT: String(identity.port),
    GANTRY_RELEASE: identity.release,
    GANTRY_REPLICA: identity.replica,
  };
}

/** Literal text is passed on untouched, whatever it looks like. */
async function resolveValue(variable: string, value: SpecValue, sources: ValueSources): Promise<string> {
  const parts = isList(value) ? value : [value];
  const texts = await Promise.all(
    parts.map(async (part) => (typeof part === 'string' ? part : resolvePlaceholder(variable, part, sources))),
  );
  return texts.join('');
}

function isList(value: SpecValue): value is readonly (string | SpecPlaceholder)[] {
  return Array.isArray(value);
}

async function resolvePlaceholder(variable: string, placeholder: SpecPlaceholder, sources: ValueSources): Promise<string> {
  if ('$secret' in placeholder)
    return required(await sources.secret(placeholder.$secret), variable, `the secret ${placeholder.$secret} has no value`);
  const [stack, name] = placeholder.$output;
  return required(await output(stack, name, sources), variable, `nothing gives ${name}`);
}

async function output(stack: string, name: string, sources: ValueSources): Promise<string | undefined> {
  if (stack === 'resources') return sources.resource(name);
  if (stack === 'services') return sources.service(name);
  return stack === 'replica' ? sources.replica(name) : undefined;
}

function required(value: string | undefined, variable: string, problem: string): string {
  if (value === undefined) throw new GantryError('GL1025', `${variable}: ${problem}`);
  return value;
}

/** Services whose address inside the set is referred to, by what the variables say. */
export function referredServices(all: readonly Readonly<Record<string, SpecValue>>[]): Set<string> {
  const placeholders = all.flatMap((variables) => Object.values(variables).flatMap((value) => (isList(value) ? value : [value])));
  const names = placeholders.flatMap((part) =>
    typeof part === 'object' && '$output' in part && part.$output[0] === 'services' ? [part.$output[1]] : [],
  );
  return new Set(names.map(serviceOf));
}

/** `backend.url` -> `backend` */
export function serviceOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}

/** An attribute of an address on this machine: url, host or port. */
export function addressAttribute(name: string, port: number): string | undefined {
  const attributes: Readonly<Record<string, string>> = { url: `http://${loopback}:${port}`, host: loopback, port: String(port) };
  const attribute = name.slice(name.lastIndexOf('.') + 1);
  return Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
}
