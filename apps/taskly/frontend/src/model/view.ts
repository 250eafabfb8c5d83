import type { Task } from './task.ts';

export type Filter = 'open' | 'due' | 'done' | 'all';

/** What the list shows: it is what the address bar carries. */
export interface View {
  filter: Filter;
  query: string;
}

export const filters: readonly Filter[] = ['open', 'due', 'done', 'all'];

export const viewKey = (view: View): string => `${view.filter}|${view.query}`;

const isFilter = (value: string | null): value is Filter => filters.includes(value as Filter);

export function viewFromSearch(search: string): View {
  const parameters = new URLSearchParams(search);
  const filter = parameters.get('filter');
  return { filter: isFilter(filter) ? filter : 'open', query: (parameters.get('q') ?? '').trim().slice(0, 200) };
}

/** '' for the list as it opens by default, else '?filter=done&q=milk'. */
export function searchFromView(view: View): string {
  const parameters = new URLSearchParams();
  if (view.filter !== 'open') parameters.set('filter', view.filter);
  if (view.query !== '') parameters.set('q', view.query);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

export const byPosition = (left: Task, right: Task): number => compare(left.position, right.position) || compare(left.id, right.id);

const byDue = (left: Task, right: Task): number => compare(left.due ?? '', right.due ?? '') || byPosition(left, right);

export const orderOf = (filter: Filter): ((left: Task, right: Task) => number) => (filter === 'due' ? byDue : byPosition);

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const inFilter: Record<Filter, (task: Task) => boolean> = {
  all: () => true,
  open: (task) => !task.done,
  done: (task) => task.done,
  due: (task) => !task.done && task.due !== null,
};

/** As the server decides it: every word of the query in the title or the notes, regardless of case and accents. */
export function matches(view: View, task: Task): boolean {
  if (!inFilter[view.filter](task)) return false;
  if (view.query === '') return true;
  const text = folded(`${task.title}\n${task.notes}`);
  return folded(view.query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}
