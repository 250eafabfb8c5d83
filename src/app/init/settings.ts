/** From the names that a program reads to variables, secrets and the resources behind them. */
import type { Compose, ComposeService } from './compose.ts';
import { guess, sure, type Found, type Part, type Read, type Remark } from './part.ts';

export type ResourceType = 'postgres' | 'redis';

export interface ResourceGuess {
  readonly name: string;
  readonly type: ResourceType;
  readonly version: Found<number>;
  readonly why: string;
}

export interface Settings {
  readonly variables: Readonly<Record<string, Found<string>>>;
  readonly secrets: readonly Found<string>[];
  readonly remarks: readonly Remark[];
}

export interface Surroundings {
  readonly resources: readonly ResourceGuess[];
  readonly compose: Compose | undefined;
  /** The entry of the part in the Compose file. */
  readonly entry: ComposeService | undefined;
  /** Other servers of the app that this part may refer to. */
  readonly others: readonly { readonly name: string; readonly port: number | undefined; readonly composeName: string | undefined }[];
}

const attributes: Readonly<Record<string, string>> = {
  URL: 'url',
  URI: 'url',
  DSN: 'url',
  CONNECTION_STRING: 'url',
  HOST: 'host',
  HOSTNAME: 'host',
  SERVER: 'host',
  PORT: 'port',
  USER: 'user',
  USERNAME: 'user',
  PASSWORD: 'password',
  PASS: 'password',
  PASSWD: 'password',
  AUTH: 'password',
  DB: 'name',
  DBNAME: 'name',
  NAME: 'name',
  DATABASE: 'name',
};

const redisName = /^(?:[A-Z0-9]{1,20}_){0,3}(?:REDIS|VALKEY|CACHE)_?(URL|URI|HOST|HOSTNAME|PORT|PASSWORD|PASS|AUTH)$/;
const postgresName =
  /^(?:[A-Z0-9]{1,20}_){0,3}?(?:PG|PSQL|POSTGRES|POSTGRESQL|POSTGRESDB|DB|DATABASE)_?(URL|URI|DSN|CONNECTION_STRING|HOSTNAME|HOST|SERVER|PORT|USERNAME|USER|PASSWORD|PASSWD|PASS|DBNAME|DB|NAME|DATABASE)$/;
const notOurs = /^(TEST|SHADOW|E2E|MYSQL|MARIADB|MONGO|MONGODB)_/;

/** The resource and attribute that a variable's name asks for. */
export function asksFor(name: string): { readonly type: ResourceType; readonly attribute: string } | undefined {
  const upper = name.toUpperCase();
  if (notOurs.test(upper)) return undefined;
  const redis = attributes[redisName.exec(upper)?.[1] ?? ''];
  if (redis !== undefined) return { type: 'redis', attribute: redis };
  const postgres = attributes[postgresName.exec(upper)?.[1] ?? ''];
  return postgres === undefined ? undefined : { type: 'postgres', attribute: postgres };
}

const platform =
  /^(PORT|HOST|HOSTNAME|NODE_ENV|HOME|PATH|PWD|USER|LANG|TZ|CI|DEBUG|NODE_OPTIONS|GANTRY_\w+|npm_\w+|VERCEL\w*|FORCE_COLOR|NO_COLOR|TERM)$/;
const secretName =
  /SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_KEY|ENCRYPTION_KEY|SIGNING_KEY|SESSION_KEY|COOKIE_KEY|JWT_KEY|LICENSE_KEY|_SALT$/;
const publicName =
  /^(VITE|REACT_APP|NEXT_PUBLIC|PUBLIC|NUXT_PUBLIC)_|PUBLIC_KEY|_TOKEN_(TTL|EXPIRY|LIFETIME)|_EXPIRES(_IN)?$|PASSWORD_(MIN|MAX|RESET)/;

export function settingsOf(part: Part, around: Surroundings): Settings {
  const fromCompose = Object.entries(around.entry?.environment ?? {}).map(([name, value]): Read => ({
    name,
    where: around.compose?.file ?? '',
    fallback: value,
    declared: true,
  }));
  const composed = new Set(fromCompose.map(({ name }) => name));
  const reads = [...fromCompose, ...part.reads.filter(({ name }) => !composed.has(name))].filter(({ name }) => !platform.test(name));
  const settled = reads.map((read) => settle(read, part, around)).filter((one) => one !== undefined);
  const variables = {
    ...part.variables,
    ...Object.fromEntries(settled.flatMap((one) => ('variable' in one ? [[one.name, one.variable] as const] : []))),
  };
  return {
    variables: { ...missing(part, around, variables), ...variables },
    secrets: settled.flatMap((one) => ('secret' in one ? [one.secret] : [])),
    remarks: settled.flatMap((one) => ('remark' in one ? [one.remark] : [])),
  };
}

type Settled =
  | { readonly name: string; readonly variable: Found<string> }
  | { readonly secret: Found<string> }
  | { readonly remark: Remark }
  | undefined;

function settle(read: Read, part: Part, around: Surroundings): Settled {
  const { name } = read;
  if (publicName.test(name) && /^(VITE|REACT_APP|NEXT_PUBLIC|PUBLIC|NUXT_PUBLIC)_/.test(name)) return undefined;
  const value = withoutDefaults(read.fallback ?? '');
  if (/CORS|ORIGIN|ALLOWED_HOST/.test(name) && /localhost|127\.0\.0\.1/.test(value))
    return {
      remark: {
        what: `${name} is not in the file`,
        why: 'all services share one address, so no other origin has to be allowed',
        sure: false,
      },
    };
  const reference = byValue(value, around) ?? byName(name, value, part, around);
  const why = `${read.where} ${read.declared ? 'names' : 'reads'} ${name}`;
  if (reference !== undefined) return { name, variable: sure(reference, why) };
  if (isSecret(name) || addressesForeignStore(name, part))
    return read.declared || read.fallback === undefined ? { secret: sure(name, why) } : undefined;
  if (!read.declared || value === '' || /\$\{?\w/.test(value) || namesPlace(value, around)) return undeclared(read, value);
  return { name, variable: sure(value.replaceAll('${', '$${'), read.where) };
}

const isSecret = (name: string): boolean => secretName.test(name) && !publicName.test(name);

/** Where a database lies that Gantry does not provide is told like a secret: its address holds a password. */
function addressesForeignStore(name: string, part: Part): boolean {
  return (
    part.clients.some(({ value }) => value === 'mysql' || value === 'mongodb') &&
    (/^(MYSQL|MARIADB|MONGO|MONGODB)_/.test(name) || asksFor(name)?.type === 'postgres')
  );
}

/** Addresses of this machine, or of a container of the Compose file. */
function namesPlace(value: string, { compose }: Surroundings): boolean {
  const host = urlParts.exec(value)?.[2];
  return /localhost|127\.0\.0\.1/.test(value) || (host !== undefined && compose?.services.some(({ name }) => name === host) === true);
}

/** Names that a program insists on but nobody gives a value for. */
function undeclared(read: Read, value: string): Settled {
  if (!read.declared || value === '')
    return read.declared && value === ''
      ? { remark: { what: `${read.name} has no value`, why: `${read.where} names it and leaves it empty`, sure: false } }
      : undefined;
  return {
    remark: {
      what: `${read.name} is not in the file`,
      why: `its value in ${read.where} (${value.slice(0, 60)}) is only right on one machine`,
      sure: false,
    },
  };
}

/** `${X:-5}` -> `5`, as Compose reads it. */
function withoutDefaults(value: string): string {
  return value.replace(/\$\{\w+:?-([^{}]{0,200})\}/g, '$1');
}

const urlParts =
  /^([a-z][a-z0-9+.-]{0,30}):\/\/(?:[^@/\s]{0,200}@)?([\w.-]{1,100}|\$\{\w+\})(?::(\d{1,5}|\$\{\w+\}))?(\/[^\s?]{0,200})?(\?\S{0,200})?$/;

/** A value that names another part of the Compose file, or a port of this machine on which another service listens. */
function byValue(value: string, around: Surroundings): string | undefined {
  const [, scheme = '', host = '', port, path = '', query = ''] = urlParts.exec(value) ?? [];
  const resource = around.resources.find(({ type }) => type === schemeType(scheme));
  if (resource !== undefined) return resourceUrl(resource, scheme, query);
  const bare = around.resources.find(({ type }) => composeName(value, around)?.kind === type);
  if (bare !== undefined) return `\${${bare.name}.host}`;
  if (!/^https?$/.test(scheme)) return undefined;
  const other = around.others.find(
    (service) => service.composeName === host || (isLocal(host) && service.port !== undefined && String(service.port) === port),
  );
  return other === undefined ? undefined : `\${${other.name}.url}${path === '/' ? '' : path}`;
}

const isLocal = (host: string): boolean => /^(localhost|127\.0\.0\.1|0\.0\.0\.0)$/.test(host);
const composeName = (name: string, { compose }: Surroundings): ComposeService | undefined =>
  compose?.services.find((service) => service.name === name);

function schemeType(scheme: string): ResourceType | undefined {
  if (/^postgres(ql)?(\+\w+)?$/.test(scheme)) return 'postgres';
  return /^(redis|valkey)s?$/.test(scheme) ? 'redis' : undefined;
}

/** SQLAlchemy names its driver in the scheme, which the plain address lacks. */
function resourceUrl({ name, type }: ResourceGuess, scheme: string, query: string): string {
  if (type === 'postgres' && scheme.includes('+'))
    return `${scheme}://\${${name}.user}:\${${name}.password}@\${${name}.host}:\${${name}.port}/\${${name}.name}${query}`;
  return `\${${name}.url}${type === 'postgres' ? query.replaceAll('${', '$${') : ''}`;
}

function byName(name: string, value: string, part: Part, around: Surroundings): string | undefined {
  const asked = asksFor(name);
  const resource = around.resources.find(({ type }) => type === asked?.type);
  if (asked === undefined || resource === undefined || /^(mysql|mongodb|sqlite|https?|file):/.test(value)) return undefined;
  const foreign =
    asked.type === 'postgres' &&
    /^(DB|DATABASE)/.test(name) &&
    !uses(part, 'postgres') &&
    part.clients.some(({ value: client }) => client === 'mysql' || client === 'mongodb');
  if (foreign || (asked.type === 'redis' && (asked.attribute === 'user' || asked.attribute === 'name'))) return undefined;
  return `\${${resource.name}.${asked.attribute}}`;
}

const uses = (part: Part, type: ResourceType): boolean => part.clients.some(({ value }) => value === type);

/** A client without a variable: the libraries of PostgreSQL read PGHOST and its like by themselves. */
function missing(part: Part, around: Surroundings, known: Settings['variables']): Settings['variables'] {
  const values = Object.values(known).map(({ value }) => value);
  const added = around.resources.flatMap(({ name, type }): (readonly [string, Found<string>])[] => {
    if (!uses(part, type) || values.some((value) => value.includes(`\${${name}.`))) return [];
    const why = `the program depends on ${type === 'postgres' ? 'PostgreSQL' : 'Redis'}, but no variable was found that it reads`;
    if (type === 'redis') return [['REDIS_URL', guess(`\${${name}.url}`, why)]];
    const names = { PGHOST: 'host', PGPORT: 'port', PGUSER: 'user', PGPASSWORD: 'password', PGDATABASE: 'name' };
    return Object.entries(names).map(([variable, attribute]) => [variable, guess(`\${${name}.${attribute}}`, why)] as const);
  });
  return Object.fromEntries(added);
}
