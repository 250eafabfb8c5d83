/** G27: migrations that break the version which runs beside them, or that keep users waiting. */
import type { Rule } from '../guard.ts';
import { onlyMakesTables } from './new-tables.ts';

export const destructiveMigrations: Rule = {
  text: {
    id: 'G27',
    title: 'a migration breaks the version that runs beside it, or keeps users waiting',
    severity:
      'block, when the file does not say `contract` or `irreversible`; confirm for files that were changed after their release; warn for long locks',
    cause:
      'A new migration drops, renames or requires something that the release which serves was written for, or locks a table while it works. The old version runs beside the new one until the bake has ended, and it is what a rollback goes to.',
    fix: 'Split it: add the new thing in one release, stop using the old one, and drop that in a later release whose migration says `-- gantry: contract` (or `irreversible`) in its first line.',
    example: '-- gantry: contract\nalter table tasks drop column owner;',
  },
  needs: 'files',
  async find(context) {
    const services = Object.values(context.app.services).filter(({ migrate }) => migrate?.files !== undefined);
    const doubtful = context.purpose === 'check' ? services.filter((service) => !onlyMakesTables(context, service)) : services;
    return doubtful.length === 0 ? [] : (await import('./findings.ts')).migrationFindings(context, doubtful);
  },
};
