/** G36: whether this machine can do what it is about to be asked. Missing programs and folders are refused before (folders.ts). */
import { startsNode } from '../stack/programs.ts';
import type { Service } from '../app/model.ts';
import type { Finding, GuardContext, Rule } from './guard.ts';
import { packageOf } from './look/files.ts';
import { satisfies } from './look/versions.ts';

export const machineReady: Rule = {
  text: {
    id: 'G36',
    title: 'machine that lacks something for this release',
    severity: 'block',
    cause:
      "The disk has less room than twice what the services' folders hold, or a service's package.json asks for another version of Node than the one that would run it.",
    fix: 'Make room (`gantry destroy` of what you do not need, old builds), or install the version that the service asks for.',
    example: 'web asks for Node >=22, and this is 20.20.2',
  },
  needs: 'files',
  find: async (context) => [...nodeVersions(context), ...(context.purpose === 'check' ? [] : await room(context))],
};

function nodeVersions(context: GuardContext): Finding[] {
  if (!context.target.builders.includes('folder')) return [];
  return Object.values(context.app.services).flatMap((service) => (runsNode(service) ? otherNode(context, service) : []));
}

function runsNode({ run, prepare, build }: Service): boolean {
  return build !== undefined && [...prepare, ...(run === undefined ? [] : [run])].some(startsNode);
}

/** Many programs ask for more than they need: while somebody edits, it is said and no more. */
function otherNode(context: GuardContext, service: Service): Finding[] {
  const wanted = packageOf(context, service)?.engines['node'];
  if (wanted === undefined || satisfies(process.versions.node, wanted) !== false) return [];
  return [
    {
      id: 'G36',
      severity: 'block',
      message: `${service.name} asks for Node ${wanted}, and this is ${process.versions.node}`,
      where: context.locate(`services.${service.name}`),
      why: 'It may fail to start, or fail later in ways that nobody has tried.',
      fix: `Install Node ${wanted}, or correct engines in its package.json.`,
    },
  ];
}

const mebi = 1024 * 1024;

/** Twice: the copy, and what `prepare` adds to it. */
async function room(context: GuardContext): Promise<Finding[]> {
  if (!context.target.builders.includes('folder')) return [];
  const { contentSize, freeBytes } = await import('./look/room.ts');
  const needed = 2 * (await contentSize(context));
  const free = await freeBytes(context.cacheDir);
  if (free === undefined || free >= needed) return [];
  return [
    {
      id: 'G36',
      severity: 'block',
      message: `the disk has ${Math.floor(free / mebi)} Mi left; this release needs about ${Math.ceil(needed / mebi)} Mi`,
      where: context.cacheDir,
      why: 'A copy that does not fit fails in the middle, and other programs on this disk with it.',
      fix: 'Remove what you do not need on this disk.',
    },
  ];
}
