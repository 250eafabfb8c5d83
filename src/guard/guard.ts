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
  /** Says for this finding what `Rule.stopsUp` says for all of a rule. */
  readonly stopsUp?: boolean;
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

/** What the app's folder is in version control. */
export interface SourceState {
  /** Undefined where there is no repository, or no commit yet. */
  readonly commit: string | undefined;
  /** Changed and untracked files below the app's folder that are not committed. */
  readonly uncommitted: number;
  /** Commits that the upstream branch lacks; undefined without an upstream. */
  readonly unpushed: number | undefined;
}

/** What earlier releases have shown. */
export interface Experience {
  /** Releases that were promoted and whose content is kept. */
  readonly kept: number;
  /** Whether a release serves now. */
  readonly serves: boolean;
  /** By service: longest time from start to ready, ms; peak memory, bytes; whether a replica had to be killed after its grace. */
  readonly services: Readonly<Record<string, ServiceExperience>>;
  /** Services whose content was promoted in another environment already; undefined before it is known what is released. */
  readonly tried?: readonly string[];
}

export interface ServiceExperience {
  readonly startMs?: number;
  readonly memoryBytes?: number;
  readonly ignoredStop?: boolean;
}

/** Another environment or app on the same machine, for what two cannot share. */
export interface Neighbour {
  readonly app: string;
  readonly environment: string;
  readonly folder: string;
  /** Ports of this machine that it holds: of its address, and of programs that cannot take another one. */
  readonly ports: readonly number[];
}

/** An environment, with the app as it is there. */
export interface PlannedEnvironment {
  readonly env: Environment;
  readonly app: App;
}

export interface GuardContext {
  readonly app: App;
  readonly env: Environment;
  readonly target: Target;
  /** All environments of the project, this one among them. */
  readonly environments: readonly PlannedEnvironment[];
  /** Folder of the app file, absolute. */
  readonly folder: string;
  /** Folder to which content is copied; it may not be there yet. */
  readonly cacheDir: string;
  /** Folder of what was built, by service; empty before the build and where content is no folder. */
  readonly built: Readonly<Record<string, string>>;
  /** PATH, for programs that a rule asks. */
  readonly path: string;
  /** `check`: nothing is about to change. `up`: somebody edits on a machine of their own. `deploy`: others will use it. */
  readonly purpose: 'check' | 'up' | 'deploy';
  /** `gantry.yaml:14:7` for `services.backend.health`; the file's name where there is no position. */
  locate(path: string): string;
  /** Asks once, at the first call; undefined where nothing can be asked. */
  source(): Promise<SourceState | undefined>;
  /** Asks the set that serves; undefined when nothing serves or it does not answer in time. */
  ask(path: string): Promise<{ readonly status: number; readonly ms: number } | undefined>;
  readonly experience: Experience;
  readonly neighbours: readonly Neighbour[];
  /** Undefined before there is a plan. */
  readonly changes: readonly PlannedChange[] | undefined;
  /**
   * The migrations that the release which serves has, by service; services whose migrations are not known are left out. Undefined when
   * nothing serves, or nobody asked.
   */
  readonly migrated: Readonly<Record<string, readonly MigrationRecord[]>> | undefined;
  readonly signal: AbortSignal;
}

export interface Rule {
  readonly text: RuleText;
  /** `files`: from the app file and the folder. `built`: needs what was built. `plan`: needs the plan. */
  readonly needs: 'files' | 'built' | 'plan';
  /** When it looks; always without it. */
  readonly during?: readonly GuardContext['purpose'][];
  /** Also stops `up`; all others are warnings there. */
  readonly stopsUp?: boolean;
  find(context: GuardContext): Promise<readonly Finding[]> | readonly Finding[];
}

/** Where mistakes cost the most: some rules are warnings elsewhere and block there. */
export function isProduction({ name }: Environment): boolean {
  return /^prod(uction)?\b/i.test(name);
}

/** The environment that everybody has on a machine of their own, for trying things out. */
export function isLocal({ name }: Environment): boolean {
  return name === 'local';
}

/** Whether what is built goes to where others can look into it. */
export function shipsContent({ builders }: Target): boolean {
  return builders.some((builder: string) => builder !== 'folder');
}
