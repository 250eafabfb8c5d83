/** Files of migrations: what they say they do, and what their statements do. */
import { nearest } from '../../app/suggest.ts';
import type { MigrationRecord, SchemaEffect } from '../../stack/stack.ts';
import { newCatalogue, type Catalogue } from './catalogue.ts';
import { examineScript, type Found } from './examine.ts';
import type { Verdict } from './examining.ts';
import { hazardsOf, type Hazard } from './rules.ts';
import { parseScript, withoutDown } from './statements.ts';

export interface SqlFile {
  /** Path in the folder of the service, with `/`. */
  readonly name: string;
  readonly text: string;
}

/** What the first line says; `unknown` for a word that is none of the three. */
export type Declared =
  | { readonly is: 'missing' }
  | { readonly is: 'unknown'; readonly word: string; readonly meant: string | undefined }
  | { readonly is: SchemaEffect };

export interface Assessed {
  readonly name: string;
  /** As in MigrationRecord. */
  readonly digest: string;
  readonly declared: Declared;
  /** None for files that were released before. */
  readonly verdicts: readonly Verdict[];
  /** What is declared; what the statements do where nothing is, or where they do worse than the `expand` that is declared. */
  readonly effect: SchemaEffect;
}

export interface AssessOptions {
  /** Files that the release which serves has: their tables are those that the old version uses. */
  isReleased(name: string): boolean;
  /** Each file is judged as if those before it had been released; for when nobody knows which were. */
  readonly apart?: boolean;
}

/** @param files in the order in which they run */
export function assess(files: readonly SqlFile[], { isReleased, apart = false }: AssessOptions): Assessed[] {
  const catalogue = newCatalogue();
  const scripts = files.map(({ name, text }) => ({ name, text, script: parseScript(withoutDown(plain(text))) }));
  for (const { name, script } of scripts) if (isReleased(name)) examineScript(script, catalogue);
  catalogue.beginNew();
  const found = scripts.map(({ name, script }) => {
    if (isReleased(name)) return [];
    if (apart) catalogue.beginNew();
    return examineScript(script, catalogue);
  });
  return scripts.map(({ name, text, script }, index) => {
    const verdicts = settle(found[index] ?? [], catalogue);
    const declared = declaredEffect(text);
    return { name, digest: script.digest, declared, verdicts, effect: effectOf(declared, verdicts) };
  });
}

function plain(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** What is dropped and made again is replaced, not gone. */
function settle(found: readonly Found[], catalogue: Catalogue): Verdict[] {
  return found.flatMap(({ rule, line, says, about }): Verdict[] => {
    const again = about !== undefined && catalogue.wasMadeAgain(about);
    if (!again || rule === 'drop-table' || rule === 'drop-schema') return [{ rule, line, says }];
    if (rule !== 'drop-view' && rule !== 'drop-object') return [];
    return [{ rule: 'recreate-object', line, says: says.replace(/^drops/, 'replaces') }];
  });
}

const effects: readonly SchemaEffect[] = ['expand', 'contract', 'irreversible'];
const header = /^--[ \t]*gantry[ \t]*:[ \t]*(\S*)/i;

/** From the first line; licences and remarks of other tools may stand above it, statements may not. */
export function declaredEffect(text: string): Declared {
  for (const line of plain(text).split('\n', 50)) {
    const word = header.exec(line.trim())?.[1]?.toLowerCase();
    if (word !== undefined) return isEffect(word) ? { is: word } : { is: 'unknown', word, meant: nearest(word, effects) };
    if (line.trim() !== '' && !line.trim().startsWith('--')) break;
  }
  return { is: 'missing' };
}

function isEffect(word: string): word is SchemaEffect {
  return (effects as readonly string[]).includes(word);
}

export function does(verdict: Verdict, ...hazards: readonly Hazard[]): boolean {
  return hazardsOf(verdict.rule).some((hazard) => hazards.includes(hazard));
}

/** What the statements do, by the rules alone. */
function derivedEffect(verdicts: readonly Verdict[]): SchemaEffect {
  if (verdicts.some((verdict) => does(verdict, 'destroys'))) return 'irreversible';
  return verdicts.some((verdict) => does(verdict, 'breaks', 'restricts')) ? 'contract' : 'expand';
}

/** Whether a file says that the old version works on, and then takes something away from it. */
export function contradicts({ declared, verdicts }: Pick<Assessed, 'declared' | 'verdicts'>): boolean {
  return declared.is === 'expand' && verdicts.some((verdict) => does(verdict, 'breaks', 'destroys'));
}

/** What G27 stops at: it takes something away from the old version, and does not say so. */
export function isUnsaidHarm(file: Pick<Assessed, 'declared' | 'verdicts'>): boolean {
  return declaredWord(file.declared) === undefined
    ? file.verdicts.some((verdict) => does(verdict, 'breaks', 'destroys'))
    : contradicts(file);
}

/** Undefined when the file says nothing that counts. */
export function declaredWord({ is }: Declared): SchemaEffect | undefined {
  return is === 'missing' || is === 'unknown' ? undefined : is;
}

function effectOf(declared: Declared, verdicts: readonly Verdict[]): SchemaEffect {
  const said = declaredWord(declared);
  return said === undefined || contradicts({ declared, verdicts }) ? derivedEffect(verdicts) : said;
}

const reasonsKept = 5;

/** @param folder of the service, relative to the app file */
export function recordOf({ name, digest, declared, verdicts, effect }: Assessed, folder: string): MigrationRecord {
  const path = pathIn(folder, name);
  const worse = verdicts.filter((verdict) => does(verdict, 'breaks', 'restricts', 'destroys'));
  const reasons = worse.slice(0, reasonsKept).map(({ line, says }) => `${path}:${line} ${says}`);
  const more = worse.length > reasonsKept ? [`${path} and ${worse.length - reasonsKept} more`] : [];
  const said = worse.length === 0 && declared.is === effect ? [`${path} says so in its first line`] : [];
  return { name, digest, effect, reasons: effect === 'expand' ? [] : [...reasons, ...more, ...said] };
}

export function pathIn(folder: string, name: string): string {
  return folder === '.' || folder === '' ? name : `${folder.replace(/^\.\//, '')}/${name}`;
}
