/** What the program takes from its environment; everything else has a fixed value next to its use. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  readonly logLevel: string;
  readonly release: string;
  readonly replica: string;
  /** How many proxies stand in front; that many last entries of X-Forwarded-For are believed. */
  readonly trustedProxies: number;
  /** After SIGTERM: how long new connections are still served while the entry forgets this replica. */
  readonly drainMs: number;
  /** After that: how long requests in flight may take. */
  readonly graceMs: number;
  /** How often streams are looked after; every third time they get a heartbeat. */
  readonly eventPollMs: number;
  readonly signUpsPerHour: number;
  readonly signInsPerAccount: number;
  readonly signInsPerAddress: number;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Env = Readonly<Record<string, string | undefined>>;

export function readConfig(env: Env): Config {
  return {
    port: integer(env, 'PORT', 3030, 65_535),
    host: env['HOST'] ?? '127.0.0.1',
    databaseUrl: readDatabaseUrl(env),
    logLevel: oneOf(env, 'LOG_LEVEL', ['info', 'trace', 'debug', 'warn', 'error', 'fatal', 'silent']),
    release: env['GANTRY_RELEASE'] ?? 'development',
    replica: env['GANTRY_REPLICA'] ?? 'local',
    trustedProxies: integer(env, 'TRUSTED_PROXIES', 1, 10),
    drainMs: integer(env, 'DRAIN_MS', 1500, 60_000),
    graceMs: integer(env, 'GRACE_MS', 7000, 600_000),
    eventPollMs: integer(env, 'EVENT_POLL_MS', 5000, 15_000),
    signUpsPerHour: integer(env, 'SIGN_UPS_PER_HOUR', 100, 1_000_000),
    signInsPerAccount: integer(env, 'SIGN_INS_PER_ACCOUNT', 10, 1_000_000),
    signInsPerAddress: integer(env, 'SIGN_INS_PER_ADDRESS', 100, 1_000_000),
  };
}

export function readDatabaseUrl(env: Env): string {
  const url = env['DATABASE_URL'];
  if (!url || !/^postgres(ql)?:\/\//.test(url)) {
    throw new ConfigError('DATABASE_URL is not set to a postgres:// address. Example: postgres://taskly:secret@127.0.0.1:5432/taskly');
  }
  return url;
}

function integer(env: Env, name: string, fallback: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new ConfigError(`${name} must be a whole number from 0 to ${max}, got ${JSON.stringify(text)}`);
  return value;
}

function oneOf(env: Env, name: string, allowed: readonly [string, ...string[]]): string {
  const value = env[name] ?? allowed[0];
  if (!allowed.includes(value)) throw new ConfigError(`${name} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`);
  return value;
}
