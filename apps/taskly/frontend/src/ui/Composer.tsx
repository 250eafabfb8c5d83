import { useState, type FormEvent, type RefObject } from 'react';
import type { TaskStore } from '../client/task-store.ts';
import { addDays, dueLabel } from '../model/dates.ts';
import { titleLimit } from '../model/task.ts';
import { CalendarIcon, PlusIcon } from './icons.tsx';
import { useServices } from './services.ts';

interface ComposerProps {
  store: TaskStore;
  today: string;
  input: RefObject<HTMLInputElement | null>;
}

export function Composer({ store, today, input }: ComposerProps) {
  const { announce } = useServices();
  const [title, setTitle] = useState('');
  const [due, setDue] = useState<string | null>(null);

  const add = (event: FormEvent): void => {
    event.preventDefault();
    const clean = title.trim().replace(/\s+/g, ' ');
    input.current?.focus();
    if (clean === '') return;
    store.add({ title: clean, notes: '', due });
    announce(`Added: ${clean}`);
    setTitle('');
    setDue(null);
  };

  return (
    <form className="composer" onSubmit={add} aria-label="New task">
      <label className="composer-line">
        <PlusIcon />
        <span className="unseen">New task</span>
        <input
          ref={input}
          value={title}
          maxLength={titleLimit}
          placeholder="What do you want to do?"
          autoComplete="off"
          enterKeyHint="done"
          onChange={(event) => setTitle(event.target.value)}
          onKeyDown={(event) => (event.key === 'Escape' ? event.currentTarget.blur() : undefined)}
        />
        <kbd aria-hidden="true">n</kbd>
      </label>
      <div className="composer-bar">
        <DueChoice due={due} today={today} setDue={setDue} />
        <button type="submit" className="button primary" aria-disabled={title.trim() === ''}>
          Add
        </button>
      </div>
    </form>
  );
}

function DueChoice({ due, today, setDue }: { due: string | null; today: string; setDue: (due: string | null) => void }) {
  const offers = [today, addDays(today, 1)];
  const isOther = due !== null && !offers.includes(due);
  return (
    <fieldset className="chips" aria-label="Due">
      {offers.map((offer) => (
        <button
          key={offer}
          type="button"
          className="chip"
          aria-pressed={due === offer}
          onClick={() => setDue(due === offer ? null : offer)}
        >
          {dueLabel(offer, today, 'en-GB')}
        </button>
      ))}
      <label className="chip date-chip" data-set={isOther ? '' : undefined}>
        <CalendarIcon />
        <span aria-hidden="true">{isOther ? dueLabel(due, today, 'en-GB') : 'Date'}</span>
        <input
          type="date"
          aria-label="Due date"
          value={isOther ? due : ''}
          onChange={(event) => setDue(event.target.value === '' ? null : event.target.value)}
          onClick={(event) => openPicker(event.currentTarget)}
        />
      </label>
    </fieldset>
  );
}

/** The whole chip opens the calendar, not only its small symbol. Some browsers allow it only now and then. */
function openPicker(input: HTMLInputElement): void {
  try {
    input.showPicker();
  } catch {
    input.focus();
  }
}
