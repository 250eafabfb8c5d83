/** G12: whether there is a way back. */
import { isLocal, isProduction, type Finding, type GuardContext, type Rule } from './guard.ts';

export const noWayBack: Rule = {
  text: {
    id: 'G12',
    title: 'no way back',
    severity: 'warn',
    cause:
      'If the release goes wrong there is nothing to go back to: it is the first one, no earlier one is kept, or the old set has ended before the new one is tried.',
    fix: 'Keep several releases (`release.keep: 5`, the default), leave `release.strategy` at blue-green, and try the first release of production in another environment.',
    example: 'release: { keep: 5 }',
  },
  needs: 'files',
  find: (context) => [...tooFew(context), ...recreated(context), ...first(context)],
};

const why = 'When it goes wrong, people wait until a corrected release is built.';

function tooFew(context: GuardContext): Finding[] {
  if (context.app.release.keep > 1) return [];
  const where = context.locate('release.keep');
  return [
    {
      id: 'G12',
      severity: 'warn',
      message: 'only one release is kept, so a second mistake in a row has no way back',
      where,
      why,
      fix: 'Set release.keep: 5',
    },
  ];
}

/** Replicas of the old set are gone when the new set shows what it is. */
function recreated(context: GuardContext): Finding[] {
  if (context.app.release.strategy !== 'recreate') return [];
  const where = context.locate('release.strategy');
  const alone = Object.values(context.app.services).filter(({ kind, scale }) => kind === 'web' && scale.max === 1);
  return alone.map(({ name }) => ({
    id: 'G12',
    severity: 'warn',
    message: `${name} has one replica and the strategy recreate: the old one has ended before the new one is tried`,
    where,
    why,
    fix: 'Delete release.strategy, which makes it blue-green.',
  }));
}

/** Said where it matters, and only when something is about to happen. */
function first({ env, experience, purpose }: GuardContext): Finding[] {
  if (purpose !== 'deploy' || isLocal(env) || !isProduction(env) || experience.serves || experience.kept > 0) return [];
  const fix = 'Release it to another environment first, and watch it there.';
  return [{ id: 'G12', severity: 'warn', message: `this is the first release of ${env.name}: there is nothing to go back to`, why, fix }];
}
