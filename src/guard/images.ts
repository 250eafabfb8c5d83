/** G02: an image that can change under a release. */
import { shipsContent, type Finding, type GuardContext, type Rule } from './guard.ts';
import { dockerfileOf, type Instruction } from './look/dockerfile.ts';

export const mutableImages: Rule = {
  text: {
    id: 'G02',
    title: 'image whose name can come to mean something else',
    severity: 'block where containers run, warn elsewhere',
    cause:
      'The name of an image has no tag, or one that moves: `latest`, or the name of a branch. A build or a restart tomorrow may get other code than today, and a rollback may go back to nothing older.',
    fix: 'Name the version, or better the digest: `FROM node:24-alpine@sha256:...`.',
    example: 'FROM node:latest   ->   FROM node:24-alpine',
  },
  needs: 'files',
  find: (context) =>
    Object.values(context.app.services).flatMap((service) => [
      ...ownImage(context, service.name, service.image),
      ...bases(context, dockerfileOf(context, service)),
    ]),
};

const why = 'It can change under you: a restart could run different code, and a rollback would change nothing.';

function ownImage(context: GuardContext, name: string, image: string | undefined): Finding[] {
  if (image === undefined || /@sha256:[0-9a-f]{64}$/.test(image)) return [];
  const where = context.locate(`services.${name}.image`);
  return [
    {
      id: 'G02',
      severity: 'block',
      message: `the image ${image} of ${name} has no digest`,
      where,
      why,
      fix: `Pin it: ${image}@sha256:...`,
    },
  ];
}

const moving = /^(?:latest|edge|main|master|develop|dev|nightly|current|stable|canary|next|beta|rolling)$/;

function bases({ target }: GuardContext, instructions: readonly Instruction[]): Finding[] {
  const severity = shipsContent(target) ? 'block' : 'warn';
  const stages = new Set<string>();
  return instructions
    .filter(({ name }) => name === 'FROM')
    .flatMap(({ value, where }): Finding[] => {
      const [written = '', , stage] = value.split(/\s+/).filter((word) => !word.startsWith('--'));
      const image = withDefaults(written, instructions);
      const isStage = stages.has(image.toLowerCase());
      if (stage !== undefined) stages.add(stage.toLowerCase());
      if (isStage || image === 'scratch' || image.includes('$') || image.includes('@') || !moves(image)) return [];
      return [
        {
          id: 'G02',
          severity,
          message: `the base image ${image} is not pinned`,
          where,
          why,
          fix: `Name a version: ${stem(image)}:VERSION.`,
        },
      ];
    });
}

/** `FROM node:${VERSION}` means what the ARG before it says. */
function withDefaults(written: string, instructions: readonly Instruction[]): string {
  return written.replaceAll(/\$\{?(\w+)(?::-([^}]*))?\}?/g, (whole, name: string, otherwise: string | undefined) => {
    const given = instructions.find((one) => one.name === 'ARG' && one.value.startsWith(`${name}=`))?.value.slice(name.length + 1);
    return given ?? otherwise ?? whole;
  });
}

/** A colon before the last slash belongs to the registry's port. */
function moves(image: string): boolean {
  const [, tag] = image.slice(image.lastIndexOf('/') + 1).split(':');
  return tag === undefined || moving.test(tag);
}

function stem(image: string): string {
  const slash = image.lastIndexOf('/') + 1;
  return image.slice(0, slash) + (image.slice(slash).split(':')[0] ?? '');
}
