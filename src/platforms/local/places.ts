/** Where the local platform keeps things. Every path is derived here and nowhere else. */
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GantryError } from '../../errors.ts';

export interface Places {
  /** The app's folder, real path. */
  readonly folder: string;
  /** `.gantry/` of the app. */
  readonly stateDir: string;
  /** Release folders and, where needed, database data: outside of any parent with node_modules. */
  readonly cacheDir: string;
  /** `<cacheDir>/content`: one folder per content address. */
  readonly contentDir: string;
  /** Data of resources, one folder each. As root it lies outside of the private `.gantry/`, because the server runs as another user. */
  readonly dataDir: string;
  readonly logDir: string;
  /** 0700 folder with the sockets. */
  readonly socketDir: string;
  readonly supervisorSocket: string;
  /** There while one supervisor makes way for another, so that nobody takes the app for stopped. */
  readonly handoverFile: string;
  readonly ingressSocket: string;
  readonly secretsFile: string;
  readonly storeDir: string;
  readonly desiredFile: string;
  readonly tableFile: string;
  readonly runtimeFile: string;
}

/** The kernel cuts longer socket paths in silence. */
const longestSocketPath = 100;

export interface PlaceSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
}

export function placesOf(appFolder: string, settings: PlaceSettings = { env: process.env, uid: process.getuid?.() ?? 0 }): Places {
  const folder = realpathSync(appFolder);
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const stateDir = join(folder, '.gantry');
  const cacheDir = join(cacheBase(settings), name);
  const socketDir = join(socketBase(settings), `gantry-${settings.uid}-${name}`);
  return {
    folder,
    stateDir,
    cacheDir,
    contentDir: join(cacheDir, 'content'),
    dataDir: join(settings.uid === 0 ? cacheDir : stateDir, 'data'),
    logDir: join(stateDir, 'logs'),
    socketDir,
    supervisorSocket: socketPath(socketDir, 'supervisor.sock'),
    handoverFile: handoverFile(socketDir),
    ingressSocket: socketPath(socketDir, 'ingress.sock'),
    secretsFile: join(stateDir, 'secrets.json'),
    storeDir: join(stateDir, 'store'),
    desiredFile: join(stateDir, 'desired.json'),
    tableFile: join(stateDir, 'table.json'),
    runtimeFile: join(stateDir, 'runtime.json'),
  };
}

function cacheBase({ env, uid }: PlaceSettings): string {
  if (env['GANTRY_CACHE']) return env['GANTRY_CACHE'];
  if (uid === 0) return '/var/lib/gantry';
  return join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache'), 'gantry');
}

function socketBase({ env }: PlaceSettings): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  return runtime && existsSync(runtime) ? runtime : existsSync('/tmp') ? '/tmp' : tmpdir();
}

/** Beside the socket of a supervisor. */
export function handoverFile(socketDir: string): string {
  return join(socketDir, 'handover');
}

function socketPath(folder: string, name: string): string {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  throw new GantryError('GL1002', `the socket path ${path} is ${Buffer.byteLength(path)} bytes long`, { where: path });
}
