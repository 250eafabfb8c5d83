/** The release that a rollback goes to. */
import { GantryError, isGantryError } from '../errors.ts';
import type { ReleaseRef } from '../stack/stack.ts';
import { history, promotedRecord, type ReleaseRecord } from './history.ts';
import type { OpenJournal } from './journal.ts';
import type { ReleaseRequest } from './request.ts';
import { refuseMismatch } from './schema.ts';
import type { Tools } from './work.ts';

/**
 * @throws GantryError GR5001 (nothing to go back to), GR5002 (unknown release), GR5003 (its content is gone), GR5004 (it serves already),
 * GR5005 (the database has moved on); all before anything changes, with the releases that are there
 */
export async function storedRelease(journal: OpenJournal, tools: Tools, request: ReleaseRequest): Promise<ReleaseRef> {
  const { live, previous } = journal.state();
  const records = history(journal.events());
  const wanted = request.release ?? previous;
  if (wanted === null) throw new GantryError('GR5001', 'there is no release before the one that serves', { where: request.env.name });
  const record = promotedRecord(records, wanted);
  const lines = async (): Promise<string[]> => runnable(journal, tools, request, records);
  if (record?.release == null) throw new GantryError('GR5002', `no release ${wanted} was ever promoted here`, { lines: await lines() });
  if (record.release === live) throw new GantryError('GR5004', `release ${live} serves already`, { lines: await lines() });
  const ref = await refIfWhole(journal, record.release);
  if (ref === undefined || !(await hasContent(ref, tools)))
    throw new GantryError('GR5003', `the content of release ${record.release} is not kept any more`, { lines: await lines() });
  const serving = await journal.ref(live);
  if (serving !== undefined && !request.allowSchemaMismatch) await refuseMismatch(journal.events(), tools, serving, ref);
  return ref;
}

/** A stored release whose record is damaged is as good as none. */
async function refIfWhole(journal: OpenJournal, release: string | null): Promise<ReleaseRef | undefined> {
  return journal.ref(release).catch((error: unknown) => {
    if (isGantryError(error) && error.code === 'GL4015') return undefined;
    throw error;
  });
}

/** `2026-01-01 10:41 UTC` */
function minuteOf(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Whether everything that a release runs still lies here. */
export async function hasContent(
  ref: ReleaseRef,
  { builder, folder, cacheDir, signal }: Pick<Tools, 'builder' | 'folder' | 'cacheDir' | 'signal'>,
): Promise<boolean> {
  const context = { folder, cacheDir, signal, report: () => {} };
  const found = await Promise.all(Object.values(ref.content).map(async (content) => builder.has(content, context)));
  return found.every(Boolean);
}

/** A line for each release that a rollback could go to, newest first. */
async function runnable(journal: OpenJournal, tools: Tools, { env }: ReleaseRequest, records: readonly ReleaseRecord[]): Promise<string[]> {
  const { live } = journal.state();
  const promoted = records.filter(({ outcome, release }) => outcome === 'promoted' && release !== live);
  const newest = new Map(promoted.toReversed().map((record) => [record.release, record] as const));
  const lines: string[] = [];
  for (const { release, number, ended, who } of newest.values()) {
    const ref = await refIfWhole(journal, release);
    if (ref !== undefined && (await hasContent(ref, tools)))
      lines.push(`gantry rollback ${env.name} ${release ?? ''}  (number ${number}, promoted ${minuteOf(ended ?? '')} by ${who})`);
  }
  return lines.length === 0 ? ['no earlier release is kept'] : lines;
}
