/** G22, G23, G24: changes that somebody should have read. */
import type { Finding, GuardContext, PlannedChange, Rule } from './guard.ts';

/** Asked by the command itself, as nothing is released: the rule is its text. */
export const destroying: Rule = {
  text: {
    id: 'G22',
    title: 'destroying an environment',
    severity: 'confirm',
    cause: '`gantry destroy` stops an app and removes what belongs to it. What it removes, and what it keeps, is shown before it asks.',
    fix: 'Type the name of the environment, or keep the data: `--keep-data`. In scripts: `--yes --confirm ENV`; for local `--yes` is enough.',
    example: 'gantry destroy staging --yes --confirm staging',
  },
  needs: 'plan',
  find: () => [],
};

/** The question of `destroy`. */
export function destroyQuestion(environment: string): string {
  return `Type ${environment} to destroy it: `;
}

export const losesData: Rule = {
  text: {
    id: 'G23',
    title: 'change that replaces or deletes something with data',
    severity: 'confirm',
    cause:
      'The plan deletes a resource, or makes a new one in its place. Its data would be gone. Nothing has been done when this is asked.',
    fix: 'Read the plan (`gantry plan ENV`). If it is what you want, make a backup first and confirm: `--confirm G23`.',
    example: 'changing the major version of db makes a new database',
  },
  needs: 'plan',
  find: ({ changes = [] }) =>
    changes.filter(isLoss).map(({ kind, subject, detail }): Finding => {
      const act = kind === 'delete' ? 'deletes' : kind === 'replace' ? 'makes anew' : 'loses data of';
      return {
        id: 'G23',
        severity: 'confirm',
        message: `the plan ${act} ${subject}${detail === '' ? '' : ` (${detail})`}: its data would be gone`,
        why: 'No rollback brings data back.',
        fix: 'Make a backup first, then confirm.',
      };
    }),
};

function isLoss({ kind, subject, dataLoss }: PlannedChange): boolean {
  return dataLoss || (subject.startsWith('resource/') && (kind === 'replace' || kind === 'delete'));
}

/** Of all there is, at once. */
const largestShare = 0.25;
const fewest = 2;

export const largeBlast: Rule = {
  text: {
    id: 'G24',
    title: 'change that takes much away at once',
    severity: 'confirm',
    cause:
      'More than a quarter of the app would be down at the same time, or be deleted, by one release. A slip in the app file looks like this.',
    fix: 'Read the plan (`gantry plan ENV`). If it is what you want: `--confirm G24`. Otherwise make it in smaller steps.',
    example: 'the plan takes 3 of 4 parts down at once: service/web, service/api, resource/cache',
  },
  needs: 'plan',
  find: (context) => (context.changes === undefined || !context.experience.serves ? [] : blast(context, context.changes)),
};

function blast({ app }: GuardContext, changes: readonly PlannedChange[]): Finding[] {
  const present = changes.filter(({ kind }) => kind !== 'create');
  const all = Math.max(present.length, Object.keys(app.services).length + Object.keys(app.resources).length);
  return [
    { hit: present.filter(({ downtime, kind }) => downtime && kind !== 'unchanged'), act: 'takes', end: 'down at once' },
    { hit: present.filter(({ kind }) => kind === 'delete'), act: 'deletes', end: '' },
  ]
    .filter(({ hit }) => hit.length >= fewest && hit.length / all > largestShare)
    .map(({ hit, act, end }) => ({
      id: 'G24',
      severity: 'confirm',
      message: `the plan ${act} ${hit.length} of ${all} parts${end === '' ? '' : ` ${end}`}: ${listed(hit)}`,
      why: 'What goes wrong goes wrong for everybody.',
      fix: 'Make it in smaller steps, or confirm.',
    }));
}

const shown = 6;

function listed(hit: readonly PlannedChange[]): string {
  const names = hit.map(({ subject }) => subject);
  return names.length <= shown ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}
