import type { TaskStore } from '../client/task-store.ts';
import type { Entry } from '../model/outbox.ts';
import type { Fields, Task } from '../model/task.ts';

/** A change that waits for a decision: somebody else changed the same thing, or the server would not take it. */
export function TroubleNote({ entry, store }: { entry: Entry; store: TaskStore }) {
  const { trouble, change } = entry;
  if (trouble === undefined) return null;
  if (trouble.kind === 'refused') {
    return (
      <div className="trouble" role="alert">
        <p>
          <strong>Not saved.</strong> {trouble.message}
        </p>
        <button type="button" className="button" onClick={() => store.retry(entry)}>
          Try again
        </button>
        <button type="button" className="button" onClick={() => store.discard(entry)}>
          Discard
        </button>
      </div>
    );
  }
  const isDelete = change.kind === 'delete';
  return (
    <div className="trouble" role="alert">
      {isDelete ? (
        <p>
          <strong>Changed elsewhere</strong> before it was deleted.
        </p>
      ) : (
        <Difference fields={change.kind === 'edit' ? change.fields : {}} theirs={trouble.theirs} />
      )}
      <button type="button" className="button" onClick={() => store.resolve(entry, 'mine')}>
        {isDelete ? 'Delete anyway' : 'Keep mine'}
      </button>
      <button type="button" className="button" onClick={() => store.resolve(entry, 'theirs')}>
        {isDelete ? 'Keep it' : 'Keep theirs'}
      </button>
    </div>
  );
}

const names: Record<keyof Fields, string> = { title: 'Title', notes: 'Notes', due: 'Due', done: 'Done' };

const shown = (value: string | boolean | null): string => (value === null || value === '' ? 'none' : String(value));

function Difference({ fields, theirs }: { fields: Partial<Fields>; theirs: Task }) {
  const keys = (Object.keys(fields) as (keyof Fields)[]).filter((key) => fields[key] !== theirs[key]);
  return (
    <div>
      <p>
        <strong>Changed elsewhere</strong> while you edited it.
      </p>
      <dl>
        {keys.map((key) => (
          <div key={key}>
            <dt>{names[key]}</dt>
            <dd>
              yours “{shown(fields[key] ?? null)}”, theirs “{shown(theirs[key])}”
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
