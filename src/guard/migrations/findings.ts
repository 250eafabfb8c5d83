/** What the findings come from: every migration of the services, read and judged. */
import { join } from 'node:path';
import type { Service } from '../../app/model.ts';
import type { Finding, GuardContext, Severity } from '../guard.ts';
import { contradicts, does, isUnsaidHarm, pathIn, type Assessed } from './assess.ts';
import type { Verdict } from './examining.ts';
import { sqlRules } from './rules.ts';
import { serviceMigrations, type ServiceMigrations } from './service.ts';

const beside = 'The old version runs beside the new one until the bake has ended, and it is what a rollback goes to.';

/** @param services that say where their migrations are */
export async function migrationFindings(context: GuardContext, services: readonly Service[]): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const service of services) {
    const folder = context.built[service.name] ?? join(context.folder, service.build?.context ?? '.');
    const released = context.migrated === undefined ? 'none' : (context.migrated[service.name] ?? 'unknown');
    const migrations = await serviceMigrations(service, folder, released, context.purpose === 'check');
    if (migrations !== undefined) found.push(...findingsOf(migrations, context));
  }
  return found;
}

function findingsOf(migrations: ServiceMigrations, context: GuardContext): Finding[] {
  return [
    ...noFiles(migrations, context),
    ...migrations.unread.map((file) => unread(migrations, file)),
    ...migrations.added.flatMap((file) => [
      ...badWord(migrations, file),
      ...judged(migrations, file, context),
      ...asides(migrations, file, context),
    ]),
    ...undeclared(migrations),
    ...migrations.edited.map((name) => edited(migrations, name)),
  ];
}

function finding(severity: Severity, message: string, where: string, why: string, fix: string): Finding {
  return { id: 'G27', severity, message, where, why, fix };
}

function noFiles({ service, pattern, records, unread }: ServiceMigrations, context: GuardContext): Finding[] {
  if (records.length > 0 || unread.length > 0) return [];
  const where = context.locate(`services.${service}.migrate.files`);
  const message = `no file matches ${pattern}, so nothing is known of what the migrations of ${service} do`;
  return [
    finding(
      'warn',
      message,
      where,
      'Nobody is asked before the old version breaks.',
      'Correct the pattern; it is relative to the folder of the service.',
    ),
  ];
}

function unread({ folder }: ServiceMigrations, { name, why }: { readonly name: string; readonly why: string }): Finding {
  const where = pathIn(folder, name);
  return finding(
    'warn',
    `${where} is ${why}`,
    where,
    'What it does to the old version is not known.',
    'Read it yourself before you go on.',
  );
}

function badWord({ folder }: ServiceMigrations, { name, declared }: Assessed): Finding[] {
  if (declared.is !== 'unknown') return [];
  const where = `${pathIn(folder, name)}:1`;
  const meant = declared.meant === undefined ? '' : `; did you mean "${declared.meant}"?`;
  const message = `${JSON.stringify(declared.word)} is not expand, contract or irreversible${meant}`;
  return [finding('block', message, where, 'What a rollback may do hangs on this word.', 'Write one of the three words.')];
}

/** What takes something away from the old version without saying so. Where it is said, a question is asked instead. */
function judged({ folder }: ServiceMigrations, file: Assessed, { migrated }: GuardContext): Finding[] {
  const lies = contradicts(file);
  if (!lies && (migrated === undefined || !isUnsaidHarm(file))) return [];
  const severity = migrated === undefined ? 'warn' : 'block';
  const says = lies ? ', and its first line says expand' : '';
  return file.verdicts
    .filter((verdict) => does(verdict, 'breaks', 'destroys'))
    .map((verdict) => ofVerdict(folder, file, verdict, { severity, says, why: beside }));
}

/** Where nothing serves, nobody waits and nobody is refused. */
function asides({ folder }: ServiceMigrations, file: Assessed, { migrated }: GuardContext): Finding[] {
  const isExpand = file.declared.is === 'expand';
  return file.verdicts.flatMap((verdict): Finding[] => {
    const warn = (why: string): Finding[] => [ofVerdict(folder, file, verdict, { severity: 'warn', says: '', why })];
    if (does(verdict, 'fails')) return warn('PostgreSQL refuses this, and the migration fails.');
    if (does(verdict, 'unseen')) return warn('What it does to the old version is not known.');
    if (migrated === undefined || does(verdict, 'breaks', 'destroys')) return [];
    if (does(verdict, 'restricts') && isExpand) return warn(`PostgreSQL may refuse what the old version writes. ${beside}`);
    return does(verdict, 'locks') && !does(verdict, 'restricts')
      ? warn('Requests wait for the table until it is done, and fail when it takes too long.')
      : [];
  });
}

interface Judged {
  readonly severity: Severity;
  readonly says: string;
  readonly why: string;
}

function ofVerdict(folder: string, { name }: Assessed, { rule, line, says }: Verdict, judged: Judged): Finding {
  const where = `${pathIn(folder, name)}:${line}`;
  return finding(judged.severity, `${name} ${says}${judged.says}`, where, judged.why, sqlRules[rule].fix);
}

/** One line for all of them: the effect is taken from the statements then. */
function undeclared({ folder, service, added }: ServiceMigrations): Finding[] {
  const silent = added.filter(({ declared }) => declared.is === 'missing').map(({ name }) => pathIn(folder, name));
  const [first] = silent;
  if (first === undefined) return [];
  const which = silent.length === 1 ? `${first} does` : `${silent.length} migrations of ${service} (from ${first} on) do`;
  const message = `${which} not say whether the old version can live with it`;
  const fix = 'Write `-- gantry: expand`, `contract` or `irreversible` into the first line.';
  return [finding('warn', message, `${first}:1`, 'Gantry judges by the statements alone, and they do not tell everything.', fix)];
}

function edited({ folder }: ServiceMigrations, name: string): Finding {
  const where = pathIn(folder, name);
  const why = 'Databases that have it already do not get the change, and others do.';
  return finding(
    'confirm',
    `${where} was changed after it had been released`,
    where,
    why,
    'Put it back, and write the change as a new migration.',
  );
}
