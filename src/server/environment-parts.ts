/** Everything of one environment that the routes hand out and set off. */
import type { Hub } from './hub.ts';
import { openLogBook } from './logs/book.ts';
import type { Operations } from './operations/operations.ts';
import { requestOf } from './operations/requests.ts';
import { attempted, triesOf, type TryingOptions } from './operations/trying.ts';
import { shapeOf } from './overview/overview.ts';
import type { EnvironmentParts } from './parts.ts';
import type { Served } from './served.ts';
import { watchReleases } from './releases/watch.ts';
import { watchEnvironment } from './watch/watch.ts';

export interface EnvironmentPartsOptions extends TryingOptions {
  readonly hub: Hub;
  readonly operations: Operations;
}

export interface OpenParts extends EnvironmentParts {
  close(): Promise<void>;
}

export function environmentParts(served: Served, { hub, operations, ...trying }: EnvironmentPartsOptions): OpenParts {
  const releases = watchReleases(served, hub);
  const watch = watchEnvironment(served, hub, { numbers: async () => releases.numbers(), markers: async () => releases.markers() });
  const book = openLogBook(served, hub);
  const refresh = (): void => {
    watch.refresh();
    releases.refresh();
  };
  return {
    shape: async () => shapeOf(served),
    status: async () => watch.status(),
    history: async (minutes) => watch.history(minutes),
    logs: async (query) => book.page(query),
    releases: async (limit, before) => releases.list(limit, before),
    release: async (key) => releases.detail(key),
    compare: async (from, to) => releases.compare(from, to),
    plan: async () => releases.plan(),
    async operate(input) {
      const operation = operations.begin(served, requestOf(served, input));
      refresh();
      return operation;
    },
    interrupt: async () => ({ interrupted: await served.interrupt() }),
    tries: async () => triesOf(served, trying),
    async attempt(input) {
      const tried = await attempted(served, input, operations, trying);
      refresh();
      return tried;
    },
    async close() {
      watch.close();
      releases.close();
      book.close();
    },
  };
}
