/** The environments of one app, what each is made of, and what its target makes of it. */
import { z } from 'zod';
import { problem, releaseId } from './common.ts';

export const support = z.strictObject({
  feature: z.string(),
  /** Where the file asks for it: `services.backend.scale.cpu`. */
  path: z.string(),
  level: z.enum(['yes', 'approximated', 'no']),
  /** For all but `yes`. */
  reason: z.string().exactOptional(),
});
export type Support = z.infer<typeof support>;

export const environmentSummary = z.strictObject({
  name: z.string(),
  target: z.string(),
  /** Of the target, for people: `This machine`. */
  title: z.string(),
  /** Whether replicas may be disturbed on purpose. */
  canTry: z.boolean(),
  /** Public address; empty while nothing listens. */
  url: z.string(),
  /** `unknown` when the place cannot be reached; then `problem` says why. */
  state: z.enum(['running', 'starting', 'degraded', 'stopped', 'unknown']),
  release: z.strictObject({ id: releaseId, number: z.number() }).nullable(),
  problem: problem.nullable(),
  /** What the app asks for here, in the order of the files. */
  parity: z.array(support),
});
export type EnvironmentSummary = z.infer<typeof environmentSummary>;

export const serviceShape = z.strictObject({
  name: z.string(),
  kind: z.enum(['web', 'worker', 'schedule', 'static']),
  route: z.string().nullable(),
  min: z.number(),
  max: z.number(),
  /** Cores and bytes of one replica. */
  limits: z.strictObject({ cpu: z.number(), memory: z.number() }),
  /** Services and resources that its variables refer to. */
  uses: z.array(z.string()),
});
export type ServiceShape = z.infer<typeof serviceShape>;

export const resourceShape = z.strictObject({ name: z.string(), type: z.string(), version: z.number(), external: z.boolean() });
export type ResourceShape = z.infer<typeof resourceShape>;

/** The app as the environment's files describe it now. */
export const shape = z.strictObject({
  app: z.string(),
  environment: z.string(),
  services: z.array(serviceShape),
  resources: z.array(resourceShape),
});
export type Shape = z.infer<typeof shape>;

/** What the whole dashboard is about. */
export const overview = z.strictObject({
  app: z.string(),
  /** Folder of the app file. */
  folder: z.string(),
  /** Of Gantry. */
  version: z.string(),
  environments: z.array(environmentSummary),
  /** What is wrong with the files; then the environments are as the files said before. */
  problem: problem.exactOptional(),
});
export type Overview = z.infer<typeof overview>;
