/** What the ingress has served, over all processes that serve or have served since this supervisor started. */
import type { IngressStats } from '../ingress/table.ts';
import type { IngressLink } from './ingress-link.ts';
import type { IngressTables } from './ingress-tables.ts';
import { countedWith, nothingCounted, totals, type Counted } from './ingress-totals.ts';

export class IngressNumbers {
  readonly #tables: IngressTables<IngressLink>;
  #past: Counted = nothingCounted;

  constructor(tables: IngressTables<IngressLink>) {
    this.#tables = tables;
  }

  /** Undefined when no ingress has ever answered. */
  async read(): Promise<IngressStats | undefined> {
    const links = [...this.#tables.links];
    await Promise.all(links.map(async (link) => link.ask()));
    const [first, ...rest] = links.toSorted(leavingLast).flatMap(({ stats }) => stats ?? []);
    return first === undefined ? undefined : totals(first, rest, this.#past, (release) => this.#roleOf(release));
  }

  ended({ stats }: IngressLink): void {
    const { live, next } = this.#tables.table ?? {};
    if (stats !== undefined) this.#past = countedWith(this.#past, stats, new Set([live?.release ?? '', next?.release ?? '']));
  }

  #roleOf(release: string): string {
    const { live, next } = this.#tables.table ?? {};
    return release === live?.release ? 'live' : release === next?.release ? 'next' : 'retired';
  }
}

function leavingLast(a: IngressLink, b: IngressLink): number {
  return Number(a.isLeaving) - Number(b.isLeaving);
}
