/** The structure of environments/*.yaml. Keys that are not listed here are options of the target, which has a strict schema of its own. */
import { z } from 'zod';
import { limits, release, replicas, resourceOverride, scale, variables } from './schema.ts';
import { duration, filledText, listOf, mapOf, name, oneOf, strict } from './schema-parts.ts';

const serviceOverride = strict(
  { limits: limits.optional(), scale: scale.optional(), replicas: replicas.optional(), variables: variables.optional() },
  'a mapping with limits, scale, replicas and variables',
);

const patch = strict(
  {
    file: filledText.describe('Generated file, as `gantry export` writes it.'),
    path: filledText.describe('Place in the file, with dots between the keys.'),
    value: z.unknown().optional().describe('What stands there instead. Without it the place is deleted.'),
    reason: filledText.describe('Why; shown in the plan.').meta({ examples: ['small uploads only'] }),
  },
  'a mapping with file, path, value and reason',
);

/** Keys that every environment may have. */
export const commonShape = {
  target: filledText.describe('Kind of the place.').meta({ examples: ['local'] }),
  domain: z
    .string({ error: 'a domain such as shop.example.com' })
    .regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, {
      error: 'a domain such as shop.example.com, in lower case',
    })
    .optional()
    .describe('Public name of the app.'),
  registry: filledText.optional().describe('Where images are pushed, for example `registry.example.com/shop`.'),
  size: oneOf(['small', 'standard'])
    .optional()
    .describe('How generous the surroundings are: `small` is the cheapest that works, `standard` survives the loss of a zone.'),
  egress: oneOf(['none', 'internet']).optional().describe('What services may reach outside of the app.'),
  monitoring: strict(
    {
      retention: duration.optional().describe('How long logs and metrics are kept.'),
      dashboard: z.boolean({ error: 'true or false' }).optional().describe('Whether a dashboard is made there.'),
    },
    'a mapping with retention and dashboard',
  )
    .optional()
    .describe('What is recorded.'),
  alerts: strict(
    {
      email: filledText.optional().describe('Address that gets alerts.'),
      webhook: filledText.optional().describe('Name of the secret that holds the address of a webhook.'),
    },
    'a mapping with email and webhook',
  )
    .optional()
    .describe('Who is told when something is wrong.'),
  release: release.optional(),
  services: mapOf(name, serviceOverride, 'a mapping of services').optional().describe('What differs from the app file, by service.'),
  resources: mapOf(name, resourceOverride, 'a mapping of resources').optional().describe('What differs from the app file, by resource.'),
  patches: listOf(patch, 'a list of patches').optional().describe('Ordered edits of generated files. They are shown in the plan.'),
};

export const environmentSchema = z
  .looseObject(commonShape, { error: (issue) => (issue.code === 'invalid_type' ? 'a mapping with target and its options' : undefined) })
  .meta({
    title: 'environments/*.yaml',
    description: 'A named place where the app runs: the target, its options, and what differs there.',
  });

/** The keys above, without the target's options. */
export type RawEnvironment = z.infer<z.ZodObject<typeof commonShape>>;
export type RawServiceOverride = z.infer<typeof serviceOverride>;
