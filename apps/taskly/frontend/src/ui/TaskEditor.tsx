import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent, type RefObject } from 'react';
import { addDays } from '../model/dates.ts';
import { notesLimit, titleLimit, type Fields, type Task } from '../model/task.ts';

interface TaskEditorProps {
  task: Task;
  today: string;
  onSave: (base: Task, fields: Partial<Fields>) => void;
  onCancel: () => void;
}

type Draft = Pick<Fields, 'title' | 'notes' | 'due'>;

export function TaskEditor({ task, today, onSave, onCancel }: TaskEditorProps) {
  /** What the person saw when the edit began: a change from elsewhere in the meantime must not pass as theirs. */
  const [base] = useState(task);
  const [draft, setDraft] = useState<Draft>({ title: task.title, notes: task.notes, due: task.due });
  const title = useRef<HTMLInputElement>(null);
  const isEmpty = draft.title.trim() === '';

  useEffect(() => {
    const input = title.current;
    input?.focus();
    input?.setSelectionRange(input.value.length, input.value.length);
    input?.form?.scrollIntoView({ block: 'nearest' });
  }, []);

  const save = (event?: FormEvent): void => {
    event?.preventDefault();
    if (isEmpty) title.current?.focus();
    else onSave({ ...base, id: task.id, version: base.version === 0 ? task.version : base.version }, changedFields(base, draft));
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onCancel();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    else return;
    event.preventDefault();
  };

  return (
    // Keys bubble up from the fields.
    <form className="editor" aria-label={`Edit ${base.title}`} onSubmit={save} onKeyDown={onKey}>
      <EditorFields draft={draft} setDraft={setDraft} title={title} />
      <div className="editor-bar">
        <DueField due={draft.due} today={today} setDue={(due) => setDraft({ ...draft, due })} />
        <div className="editor-buttons">
          <button type="button" className="button" onClick={onCancel}>
            Cancel
          </button>
          <button type="submit" className="button primary" aria-disabled={isEmpty}>
            Save
          </button>
        </div>
      </div>
    </form>
  );
}

interface EditorFieldsProps {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  title: RefObject<HTMLInputElement | null>;
}

function EditorFields({ draft, setDraft, title }: EditorFieldsProps) {
  return (
    <>
      <label className="editor-field">
        <span>Title</span>
        <input
          ref={title}
          value={draft.title}
          maxLength={titleLimit}
          aria-invalid={draft.title.trim() === ''}
          autoComplete="off"
          onChange={(event) => setDraft({ ...draft, title: event.target.value })}
        />
      </label>
      <label className="editor-field">
        <span>Notes</span>
        <textarea
          rows={3}
          value={draft.notes}
          maxLength={notesLimit}
          onChange={(event) => setDraft({ ...draft, notes: event.target.value })}
        />
      </label>
    </>
  );
}

function DueField({ due, today, setDue }: { due: string | null; today: string; setDue: (due: string | null) => void }) {
  return (
    <div className="editor-due">
      <label className="editor-field">
        <span>Due</span>
        <input type="date" value={due ?? ''} onChange={(event) => setDue(event.target.value === '' ? null : event.target.value)} />
      </label>
      {due === null ? (
        <button type="button" className="chip" onClick={() => setDue(addDays(today, 7))}>
          In a week
        </button>
      ) : (
        <button type="button" className="chip" onClick={() => setDue(null)}>
          No date
        </button>
      )}
    </div>
  );
}

function changedFields(base: Fields, draft: Draft): Partial<Fields> {
  const next: Draft = { title: draft.title.trim().replace(/\s+/g, ' '), notes: draft.notes.trim(), due: draft.due };
  return Object.fromEntries(Object.entries(next).filter(([key, value]) => base[key as keyof Fields] !== value));
}
