/** G25, G26: whether anybody could say later what was released, and whether it was tried. */
import { isLocal, isProduction, type Finding, type GuardContext, type Rule, type SourceState } from './guard.ts';
import { packageOf } from './look/files.ts';

export const untraceable: Rule = {
  text: {
    id: 'G25',
    title: 'release of something that is not committed and pushed',
    severity: 'warn; block in production',
    cause:
      'Files of the app differ from the last commit, or the commit is on this machine only, or there is no repository. Nobody else could make this release again, or see what changed since the one before. The commit is recorded in the release.',
    fix: 'Commit and push, then release.',
    example: 'gantry deploy production --allow G25 "hotfix, committed right after"',
  },
  needs: 'files',
  during: ['deploy'],
  find: async (context) => {
    const state = await context.source();
    const problem = state === undefined ? noGit : problemOf(state, context);
    if (problem === undefined) return [];
    const severity = isProduction(context.env) ? 'block' : 'warn';
    return [{ id: 'G25', severity, ...problem }];
  },
};

type Problem = Pick<Finding, 'message' | 'why' | 'fix'>;

const noGit: Problem = {
  message: 'git is not installed, so nothing says which source is released',
  why: 'Nobody could make this release again.',
  fix: 'Install git, and release what is committed.',
};

/** On a machine of one's own a commit that nobody else has is what one works on. */
function problemOf({ commit, uncommitted, unpushed }: SourceState, { env }: GuardContext): Problem | undefined {
  const why = 'Nobody else could make this release again, or see what is in it.';
  if (commit === undefined)
    return { message: 'the folder has no commit, so the release cannot be traced', why, fix: 'Make it a repository and commit: git init' };
  if (uncommitted > 0) return { message: `${counted(uncommitted, 'file is', 'files are')} not committed`, why, fix: 'Commit first.' };
  if (isLocal(env)) return undefined;
  if (unpushed === undefined)
    return {
      message: `commit ${commit.slice(0, 7)} is on no branch that follows a remote one`,
      why,
      fix: 'Push it: git push -u origin HEAD',
    };
  return unpushed === 0 ? undefined : { message: `${counted(unpushed, 'commit is', 'commits are')} not pushed`, why, fix: 'Push first.' };
}

function counted(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** What npm writes when there is nothing. */
const noTests = /no test specified/;

export const untried: Rule = {
  text: {
    id: 'G26',
    title: 'first use of new content is in production',
    severity: 'warn, in production only',
    cause:
      'The service has tests, but Gantry cannot know whether they have passed. What it knows is where this very content has been released before: nowhere. Production would be the first place that runs it.',
    fix: 'Run its tests, and release it to another environment of this folder first: content that was promoted there is not asked about again.',
    example: 'gantry deploy staging, look at it, then gantry deploy production',
  },
  needs: 'built',
  during: ['deploy'],
  find: (context) => {
    const { tried } = context.experience;
    if (!isProduction(context.env) || tried === undefined) return [];
    return Object.values(context.app.services).flatMap((service): Finding[] => {
      const script = packageOf(context, service)?.scripts['test'];
      if (tried.includes(service.name) || script === undefined || noTests.test(script)) return [];
      return [
        {
          id: 'G26',
          severity: 'warn',
          message: `${service.name} has tests, and this content of it has run nowhere else: nothing says that they passed`,
          where: context.locate(`services.${service.name}`),
          why: 'The users of production would be the first to try it.',
          fix: 'Run npm test, and release it to another environment first.',
        },
      ];
    });
  },
};
