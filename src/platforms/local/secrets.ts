/** The secrets of a local environment: one private file with the last versions of each. */
import { randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asDiskError, writeDurably } from '../../exec/files.ts';
import { claim, type Claim } from '../../exec/generations.ts';
import { identifySelf, isAlive, type Identity } from '../../exec/identity.ts';
import { Secret } from '../../exec/secret.ts';
import { GantryError } from '../../errors.ts';
import type { SecretInfo, Secrets } from '../platform.ts';
import type { Places } from './places.ts';

export interface LocalSecrets extends Secrets {
  /** A version's value, by default the newest one's; undefined when there is none. */
  read(name: string, version?: number): Promise<Secret | undefined>;
}

interface StoredVersion {
  readonly version: number;
  readonly value: string;
  readonly updated: string;
  readonly origin: SecretInfo['origin'];
}

interface StoredSecret {
  /** Number of the last version ever given: a removed secret that comes back never gets an old number. */
  readonly last: number;
  /** Oldest first; empty once removed. */
  readonly versions: readonly StoredVersion[];
}

type Content = ReadonlyMap<string, StoredSecret>;

const format = 1;
const keptVersions = 10;
const longestValue = 64 * 1024;
const lockPatienceMs = 10_000;

/**
 * The secrets of one app folder. Writers of several processes wait for one another; readers never wait.
 * @throws GantryError GL4001 (owner or mode), GL4002 (damaged), GL4003 (name or value), GL4004 (lock), GX2xxx (disk)
 */
export function localSecrets(places: Pick<Places, 'secretsFile'>): LocalSecrets {
  const file = places.secretsFile;
  return {
    put: async (name, value, origin) => change(file, (content) => withValue(content, name, value, origin)),
    remove: async (name) => change(file, (content) => without(content, name)),
    list: async () => [...(await readContent(file))].flatMap(info).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    versions: async (name) => ((await readContent(file)).get(name)?.versions ?? []).map(({ version }) => version),
    read: async (name, version) => {
      const versions = (await readContent(file)).get(name)?.versions ?? [];
      const found = version === undefined ? versions.at(-1) : versions.find((stored) => stored.version === version);
      return found && new Secret(found.value);
    },
  };
}

function info([name, { versions }]: [string, StoredSecret]): SecretInfo[] {
  const newest = versions.at(-1);
  return newest === undefined ? [] : [{ name, version: newest.version, updated: newest.updated, origin: newest.origin }];
}

interface Change<T> {
  /** Undefined when nothing has to be written. */
  readonly content: Content | undefined;
  readonly result: T;
}

/** An equal value is not a new version: otherwise an unchanged app would be a new release. */
function withValue(content: Content, name: string, value: string, origin: SecretInfo['origin']): Change<number> {
  checkName(name);
  checkValue(name, value);
  const { last, versions } = content.get(name) ?? { last: 0, versions: [] };
  if (versions.at(-1)?.value === value) return { content: undefined, result: last };
  const added = { version: last + 1, value, updated: new Date().toISOString(), origin };
  return { content: new Map(content).set(name, { last: last + 1, versions: [...versions, added].slice(-keptVersions) }), result: last + 1 };
}

function without(content: Content, name: string): Change<boolean> {
  const stored = content.get(name);
  if (stored === undefined || stored.versions.length === 0) return { content: undefined, result: false };
  return { content: new Map(content).set(name, { last: stored.last, versions: [] }), result: true };
}

function checkName(name: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_./-]{0,199}$/.test(name)) return;
  throw new GantryError('GL4003', `"${name}" cannot be the name of a secret`, { exitCode: 2 });
}

function checkValue(name: string, value: string): void {
  const problem = value.includes('\0')
    ? 'contains a NUL byte'
    : Buffer.byteLength(value) > longestValue
      ? 'is longer than 64 KiB'
      : undefined;
  if (problem !== undefined) throw new GantryError('GL4003', `the value of ${name} ${problem}`, { exitCode: 2 });
}

async function change<T>(file: string, edit: (content: Content) => Change<T>): Promise<T> {
  const lock = await lockFor(file);
  try {
    const { content, result } = edit(await readContent(file));
    if (content !== undefined) await writeDurably(file, serialise(content));
    return result;
  } finally {
    await lock.release();
  }
}

async function lockFor(file: string): Promise<Claim> {
  const record = await identifySelf();
  const deadline = performance.now() + lockPatienceMs;
  for (;;) {
    const result = await claim<Identity>({ folder: `${file}.lock`, record, isAlive });
    if ('claim' in result) return result.claim;
    if (performance.now() > deadline)
      throw new GantryError('GL4004', `process ${result.holder.pid} is changing the secrets`, { where: file });
    await delay(5 + randomInt(20));
  }
}

async function readContent(file: string): Promise<Content> {
  const text = await readPrivate(file);
  return text === undefined ? new Map() : parse(file, text);
}

/** The file's text, or undefined when there is no file. Never follows a link, and never reads what others may have written. */
async function readPrivate(file: string): Promise<string | undefined> {
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { mode, uid } = await handle.stat();
    checkPrivate(file, mode, uid);
    return await handle.readFile('utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw notPlain(file);
    throw await asDiskError(error, file);
  } finally {
    await handle?.close();
  }
}

function checkPrivate(file: string, mode: number, owner: number): void {
  const self = process.getuid?.() ?? owner;
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw notPlain(file);
  if (owner !== self) {
    throw new GantryError('GL4001', `${file} belongs to user ${owner}, not to you (${self})`, {
      where: file,
      fix: `Run \`chown ${self} '${file}'\`, or use Gantry as its owner.`,
    });
  }
  if ((mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    throw new GantryError('GL4001', `${file} has mode ${shown}: other users may read or change it`, {
      where: file,
      fix: `Run \`chmod 600 '${file}'\`. If others had access, set the secrets again.`,
    });
  }
}

function notPlain(file: string): GantryError {
  return new GantryError('GL4001', `${file} is a link or not a plain file`, {
    where: file,
    fix: `Look at what is there (\`ls -l '${dirname(file)}'\`) and move it away.`,
  });
}

function serialise(content: Content): string {
  return `${JSON.stringify({ format, secrets: Object.fromEntries(content) }, null, 2)}\n`;
}

function parse(file: string, text: string): Content {
  try {
    const document = JSON.parse(text) as { format?: unknown; secrets?: unknown };
    if (typeof document.format === 'number' && document.format > format)
      throw new GantryError('GL4014', `${file} has format ${document.format}; this version reads ${format}`, { where: file });
    const entries = Object.entries(document.secrets as Record<string, StoredSecret>);
    if (document.format === format && entries.every(([, stored]) => isStored(stored))) return new Map(entries);
  } catch (error) {
    if (error instanceof GantryError) throw error;
  }
  throw new GantryError('GL4002', `${file} is not a secrets file, or a part of it is missing`, { where: file });
}

function isStored(stored: StoredSecret): boolean {
  return (
    Number.isSafeInteger(stored.last) &&
    stored.versions.every(({ version, value, origin, updated }) => Number.isSafeInteger(version) && [value, origin, updated].every(isText))
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
