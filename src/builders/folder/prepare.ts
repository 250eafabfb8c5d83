/** Running a service's `prepare` commands in its copy. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { run, type Environment } from '../../exec/exec.ts';
import { GantryError, isGantryError } from '../../errors.ts';

export interface Preparation {
  readonly service: string;
  readonly commands: readonly (readonly string[])[];
  /** The copy. */
  readonly folder: string;
  /** Where the copy came from, for messages. */
  readonly source: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  report(line: string): void;
}

const patienceMs = 30 * 60_000;

/** @throws GantryError GB1003 (a command failed), GB1004 (there is no such program), GX1003, GX1004 */
export async function prepare(preparation: Preparation): Promise<void> {
  for (const argv of preparation.commands) {
    preparation.report(`${preparation.service}: ${argv.join(' ')}`);
    const { folder, env, signal, report } = preparation;
    await run({ argv, cwd: folder, env, signal, timeoutMs: patienceMs, onLine: report }).catch((error: unknown) => {
      throw explain(error, argv, preparation);
    });
  }
}

function explain(error: unknown, argv: readonly string[], { service, source }: Preparation): unknown {
  if (!isGantryError(error)) return error;
  const where = `services.${service}.prepare (${source})`;
  const command = argv.join(' ');
  if (error.code === 'GX1001')
    return new GantryError('GB1004', `\`${argv[0]}\`, which prepares the service ${service}, was not found`, { where, cause: error });
  if (error.code !== 'GX1002') return error;
  return new GantryError(
    'GB1003',
    `\`${command}\`, which prepares the service ${service}, failed: ${error.message.slice(error.message.lastIndexOf('` ') + 2)}`,
    {
      where,
      lines: error.lines,
      fix: `Correct what the last lines say; \`${command}\` has to work in a fresh copy of ${source}.`,
      state: 'What runs was not changed.',
      cause: error,
    },
  );
}

/** Variables that tell tools where to get packages; whatever else this process was started with does not change what is built. */
const passedOn = new Set(
  `path home lang tmpdir http_proxy https_proxy no_proxy node_extra_ca_certs ssl_cert_file ssl_cert_dir requests_ca_bundle
  npm_config_registry npm_config_cache npm_config_userconfig npm_config_globalconfig npm_config_cafile npm_config_proxy
  npm_config_https_proxy npm_config_noproxy pip_index_url pip_extra_index_url pip_trusted_host pip_cache_dir pip_config_file
  goproxy gosumdb gomodcache gopath gocache cargo_home rustup_home`.split(/\s+/),
);

/**
 * A clean environment: no NODE_ENV, no NODE_OPTIONS, no `omit=dev` of a surrounding npm. `CI=1` makes tools ask nothing.
 * A home that cannot be written gets a cache in the given folder.
 */
export function prepareEnvironment(env: Readonly<Record<string, string | undefined>>, cacheDir: string, address: string): Environment {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && passedOn.has(entry[0].toLowerCase()),
  );
  const clean = Object.fromEntries(kept);
  const path = (clean['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.endsWith('node_modules/.bin') && !folder.includes('node-gyp-bin'));
  const quiet = { npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' };
  const home = isWritable(clean['HOME']) ? {} : { npm_config_cache: join(cacheDir, 'npm'), XDG_CACHE_HOME: join(cacheDir, 'xdg') };
  return {
    LANG: 'C.UTF-8',
    ...quiet,
    ...home,
    ...clean,
    PATH: path.join(':') || '/usr/local/bin:/usr/bin:/bin',
    CI: '1',
    [buildMark]: address,
  };
}

/** By it, programs are found that an interrupted build left running. */
export const buildMark = 'GANTRY_BUILD';

function isWritable(folder: string | undefined): boolean {
  if (folder === undefined) return false;
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
