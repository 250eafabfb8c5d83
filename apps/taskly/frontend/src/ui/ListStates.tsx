import type { View } from '../model/view.ts';

export function ListSkeleton() {
  return (
    <ul className="list skeleton" aria-hidden="true">
      {[62, 44, 71, 38, 55].map((width) => (
        <li key={width} className="row">
          <span className="skeleton-circle" />
          <svg className="skeleton-line" width={`${width}%`} height="14" />
        </li>
      ))}
    </ul>
  );
}

interface EmptyListProps {
  view: View;
  show: (view: View) => void;
  onNew: () => void;
}

const texts = {
  open: { title: 'Nothing left to do', text: 'Write down the next thing whenever it comes to mind.', button: 'New task' },
  due: { title: 'No dates ahead', text: 'Give a task a due date and it appears here, the earliest first.', button: 'Show open tasks' },
  done: { title: 'Nothing finished yet', text: 'Tasks that you complete are kept here.', button: 'Show open tasks' },
  all: { title: 'A clean page', text: 'Write down the first thing you want to do.', button: 'New task' },
} as const;

export function EmptyList({ view, show, onNew }: EmptyListProps) {
  if (view.query !== '') return <NothingFound view={view} show={show} />;
  const { title, text, button } = texts[view.filter];
  return (
    <div className="empty">
      <Leaf />
      <h3>{title}</h3>
      <p>{text}</p>
      <button type="button" className="button" onClick={() => (button === 'New task' ? onNew() : show({ filter: 'open', query: '' }))}>
        {button}
      </button>
    </div>
  );
}

function NothingFound({ view, show }: Pick<EmptyListProps, 'view' | 'show'>) {
  return (
    <div className="empty">
      <Leaf />
      <h3>Nothing matches “{view.query}”</h3>
      <p>{view.filter === 'all' ? 'Try fewer or shorter words.' : 'There may be something among all tasks.'}</p>
      <div className="empty-buttons">
        {view.filter === 'all' ? null : (
          <button type="button" className="button" onClick={() => show({ ...view, filter: 'all' })}>
            Search all tasks
          </button>
        )}
        <button type="button" className="button" onClick={() => show({ ...view, query: '' })}>
          Clear the search
        </button>
      </div>
    </div>
  );
}

function Leaf() {
  return (
    <svg className="leaf" width="72" height="72" viewBox="0 0 72 72" aria-hidden="true" focusable="false">
      <circle className="leaf-ground" cx="36" cy="36" r="34" />
      <path className="leaf-shape" d="M20 46c0-17 11-27 33-27 1 20-8 31-24 31-4 0-7-1-9-4Z" />
      <path className="leaf-line" d="M17 55c5-10 12-17 24-24" />
    </svg>
  );
}
