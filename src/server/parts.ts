/** What the routes hand out and set off. Each member is the work of one folder; tests put their own in its place. */
import type {
  Comparison,
  History,
  Interrupted,
  LogPage,
  LogQuery,
  Operation,
  OperationInput,
  Overview,
  Plan,
  ReleaseDetail,
  ReleaseSummary,
  Shape,
  Status,
  Tried,
  Tries,
  TryInput,
} from './api/index.ts';
import type { Hub } from './hub.ts';

export interface Parts {
  readonly hub: Hub;
  overview(): Promise<Overview>;
  /** @throws GantryError GC1003 when there is none of that name */
  environment(name: string): Promise<EnvironmentParts>;
  /** @throws GantryError GC2005 when it is not known (any more) */
  operation(id: string): Operation;
  close(): Promise<void>;
}

export interface EnvironmentParts {
  shape(): Promise<Shape>;
  status(): Promise<Status>;
  history(minutes: number): Promise<History>;
  logs(query: LogQuery): Promise<LogPage>;
  /** Newest first. @param before key of an attempt: only older ones */
  releases(limit: number, before?: string): Promise<readonly ReleaseSummary[]>;
  /** @throws GantryError GC2006 when there is no such attempt */
  release(key: string): Promise<ReleaseDetail>;
  /** Ids of two releases that were promoted. @throws GantryError GC2006 */
  compare(from: string, to: string): Promise<Comparison>;
  plan(): Promise<Plan>;
  /** Begins it and returns; the stream tells how it goes. @throws GantryError GC2007 when the typed name is another one */
  operate(input: OperationInput): Promise<Operation>;
  interrupt(): Promise<Interrupted>;
  tries(): Promise<Tries>;
  /** @throws GantryError GC2008 where nothing can be tried, or there is no such replica */
  attempt(input: TryInput): Promise<Tried>;
}
