/** A real journal, cut off and with a flipped bit at every byte: what is read from it is everything, or an error. Never less, never nothing. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGantryError } from '../../src/errors.ts';
import { folderStore } from '../../src/platforms/folder-store.ts';
import { copyNames } from '../../src/platforms/journal-copies.ts';
import type { StoreEvent } from '../../src/platforms/store.ts';
import { App, freePort, freeze } from '../crash/app.ts';

export interface JournalDamageOptions {
  readonly releases: number;
  /** 1 for every byte; more for every so many-th. */
  readonly stride: number;
  log(line: string): void;
}

export interface DamageCounts {
  /** Places in the file at which it was damaged. */
  readonly offsets: number;
  /** All events were read: the other copy had them. */
  healed: number;
  /** Refused with GL4013 or GL4014. */
  refused: number;
  /** Fewer events than there were, none of them changed: a state of before. */
  shorter: number;
  /** Taken for a journal in which nothing has happened. */
  empty: number;
  /** Anything else. */
  wrong: number;
}

export interface JournalDamageResult {
  readonly releases: number;
  readonly events: number;
  readonly bytes: number;
  readonly stride: number;
  /** By what was done to what: `cut, first copy`, `flipped bit, both copies`, ... */
  readonly counts: Readonly<Record<string, DamageCounts>>;
  /** The first of each kind that should not be. */
  readonly problems: readonly string[];
}

const kinds = {
  cut: (bytes: Buffer, at: number): Buffer => bytes.subarray(0, at),
  'flipped bit': (bytes: Buffer, at: number): Buffer => flipped(bytes, at),
};

const victims = { 'first copy': [0], 'second copy': [1], 'both copies': [0, 1] } as const;

export async function journalDamage({ releases, stride, log }: JournalDamageOptions): Promise<JournalDamageResult> {
  const base = mkdtempSync(join(tmpdir(), 'gantry-journal-'));
  const folder = join(base, 'store');
  try {
    await realJournal(folder, releases);
    const { events } = await folderStore(folder).read();
    const bytes = readFileSync(copyNames(folder)[0]);
    log(`${events.length} events of ${releases} releases, ${bytes.length} bytes`);
    const counts: Record<string, DamageCounts> = {};
    const problems: string[] = [];
    for (const [kind, damage] of Object.entries(kinds)) {
      for (const [victim, copies] of Object.entries(victims)) {
        const name = `${kind}, ${victim}`;
        counts[name] = await damageAll({
          folder,
          bytes,
          events,
          stride,
          copies,
          damage,
          tell: (text) => problems.push(`${name}: ${text}`),
        });
        log(`${name}: ${JSON.stringify(counts[name])}`);
      }
    }
    return { releases, events: events.length, bytes: bytes.length, stride, counts, problems: problems.slice(0, shownProblems) };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

const shownProblems = 20;

/** As the program writes it. */
async function realJournal(folder: string, releases: number): Promise<void> {
  const frozen = freeze();
  const app = new App(frozen, await freePort());
  try {
    for (let release = 0; release < releases; release += 1) {
      app.edit();
      await app.up();
    }
    cpSync(app.places.storeDir, folder, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  } finally {
    await app.remove();
    rmSync(frozen, { recursive: true, force: true });
  }
}

interface Case {
  readonly folder: string;
  readonly bytes: Buffer;
  readonly events: readonly StoreEvent[];
  readonly stride: number;
  readonly copies: readonly (0 | 1)[];
  damage(bytes: Buffer, at: number): Buffer;
  tell(problem: string): void;
}

async function damageAll({ folder, bytes, events, stride, copies, damage, tell }: Case): Promise<DamageCounts> {
  const names = copyNames(folder);
  const offsets = Math.ceil(bytes.length / stride);
  const counts: DamageCounts = { offsets, healed: 0, refused: 0, shorter: 0, empty: 0, wrong: 0 };
  const whole = events.map((event) => JSON.stringify(event));
  for (let at = 0; at < bytes.length; at += stride) {
    for (const copy of copies) writeFileSync(names[copy], damage(bytes, at));
    const outcome = await outcomeOf(folder, whole);
    counts[outcome] += 1;
    if (outcome !== 'refused' && (outcome !== 'healed' || copies.length > 1)) tell(`byte ${at}: ${outcome}`);
  }
  for (const name of names) writeFileSync(name, bytes);
  return counts;
}

async function outcomeOf(folder: string, whole: readonly string[]): Promise<Exclude<keyof DamageCounts, 'offsets'>> {
  try {
    const { events } = await folderStore(folder, { looks: 1, notice: () => {} }).read();
    const isPrefix = events.every((event, index) => JSON.stringify(event) === whole[index]);
    if (!isPrefix || events.length > whole.length) return 'wrong';
    return events.length === whole.length ? 'healed' : events.length === 0 ? 'empty' : 'shorter';
  } catch (error) {
    return isGantryError(error) && (error.code === 'GL4013' || error.code === 'GL4014') ? 'refused' : 'wrong';
  }
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (at % 8)), at);
  return copy;
}
