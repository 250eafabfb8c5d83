/**
 * The contract of a guardrail: something that has hurt people before, looked for before a release changes anything. A rule reads the app,
 * its folder, what is built and what is known of earlier releases; it never changes anything and never fails because it cannot look.
 */
import type { App, Environment } from '../app/model.ts';
import type { MigrationRecord } from '../stack/stack.ts';
import type { Target } from '../targets/target.ts';

/** block: the release stops unless the rule is allowed with a reason. confirm: a person has to say yes. warn: it is shown and recorded. */
export type Severity = 'block' | 'confirm' | 'warn';

export interface Finding {
  /** `G01` */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, in one sentence with the names of the user's own things. */
  readonly message: string;
  /** `gantry.yaml:14:7`, `backend/src/models.ts:12`. */
  readonly where?: string;
  /** What happens if nobody acts, in one sentence. */
  readonly why: string;
  /** What to do, in the imperative. */
  readonly fix: string;
}

/** What `explain` and the documentation say about a rule. */
export interface RuleText {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly cause: string;
  readonly fix: string;
  readonly example?: string;
}

/** A change of a plan, as far as guardrails look at it. */
export interface PlannedChange {
  readonly kind: 'create' | 'update' | 'replace' | 'delete' | 'unchanged' | 'unknown';
  /** `service/backend`, `resource/db` */
  readonly subject: string;
  readonly detail: string;
  readonly downtime: boolean;
  readonly dataLoss: boolean;
}

/** What earlier releases have shown. */
export interface Experience {
  /** Releases that were promoted and whose content is kept. */
  readonly kept: number;
  /** Whether a release serves now. */
  readonly serves: boolean;
  /** By service: longest time from start to ready, ms; peak memory, bytes; whether a replica had to be killed after its grace. */
  readonly services: Readonly<Record<string, { readonly startMs?: number; readonly memoryBytes?: number; readonly ignoredStop?: boolean }>>;
}

/** Another environment or app on the same machine, for what two cannot share. */
export interface Neighbour {
  readonly app: string;
  readonly environment: string;
  readonly folder: string;
  readonly port?: number;
}

export interface GuardContext {
  readonly app: App;
  readonly env: Environment;
  readonly target: Target;
  /** All environments of the project, this one among them. */
  readonly environments: readonly Environment[];
  /** Folder of the app file, absolute. */
  readonly folder: string;
  /** Folder of what was built, by service; empty before the build and where content is no folder. */
  readonly built: Readonly<Record<string, string>>;
  /** PATH, for programs that a rule asks. */
  readonly path: string;
  /** `check`: nothing is about to change. `up`: somebody edits on a machine of their own. `deploy`: others will use it. */
  readonly purpose: 'check' | 'up' | 'deploy';
  /** `gantry.yaml:14:7` for `services.backend.health`; the file's name where there is no position. */
  locate(path: string): string;
  readonly experience: Experience;
  readonly neighbours: readonly Neighbour[];
  /** Undefined before there is a plan. */
  readonly changes: readonly PlannedChange[] | undefined;
  /**
   * The migrations that the release which serves has, by service; services whose migrations are not known are left out. Undefined when
   * nothing serves, and where a rule has nothing to say about migrations: a rollback goes to what has been judged before.
   */
  readonly migrated: Readonly<Record<string, readonly MigrationRecord[]>> | undefined;
  readonly signal: AbortSignal;
}

export interface Rule {
  readonly text: RuleText;
  /** `files`: from the app file and the folder. `built`: needs what was built. `plan`: needs the plan. */
  readonly needs: 'files' | 'built' | 'plan';
  /** Also stops `up`; all others are warnings there. */
  readonly stopsUp?: boolean;
  find(context: GuardContext): Promise<readonly Finding[]> | readonly Finding[];
}

/** Where mistakes cost the most: some rules are warnings elsewhere and block there. */
export function isProduction({ name }: Environment): boolean {
  return /^prod(uction)?\b/i.test(name);
}
