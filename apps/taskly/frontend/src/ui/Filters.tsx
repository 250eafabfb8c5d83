import { filters, searchFromView, type Filter, type View } from '../model/view.ts';
import { Link } from './Link.tsx';

const names: Record<Filter, string> = { open: 'Open', due: 'Due', done: 'Done', all: 'All' };

export function Filters({ view, go }: { view: View; go: (to: string) => void }) {
  return (
    <nav className="filters" aria-label="Which tasks">
      {filters.map((filter) => (
        <Link
          key={filter}
          to={`/${searchFromView({ ...view, filter })}`}
          go={go}
          aria-current={filter === view.filter ? 'page' : undefined}
        >
          {names[filter]}
        </Link>
      ))}
    </nav>
  );
}
