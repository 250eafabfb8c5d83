import { memo, type PointerEvent } from 'react';
import type { TaskStore } from '../client/task-store.ts';
import { dueLabel, urgency } from '../model/dates.ts';
import type { Row } from '../model/outbox.ts';
import { CalendarIcon, GripIcon, MoreIcon, TickIcon } from './icons.tsx';
import { Menu, type MenuItem } from './Menu.tsx';
import { TaskEditor } from './TaskEditor.tsx';
import type { RowActions } from './TaskList.tsx';
import { TroubleNote } from './TroubleNote.tsx';

/** Elements of the page that say what the buttons of every row do. */
export const hintIds = { edit: 'hint-edit', move: 'hint-move' };

interface TaskRowProps {
  rowKey: string;
  row: Row;
  index: number;
  count: number;
  today: string;
  canMove: boolean;
  isEditing: boolean;
  actions: RowActions;
  store: TaskStore;
  startDrag: (event: PointerEvent<HTMLElement>, index: number) => void;
}

export const TaskRow = memo(function TaskRow(props: TaskRowProps) {
  const { rowKey, row, today, isEditing, actions, store } = props;
  const { task } = row;
  if (isEditing) {
    return (
      <li className="row editing" data-key={rowKey}>
        <TaskEditor task={task} today={today} onSave={actions.save} onCancel={() => actions.cancel(task)} />
      </li>
    );
  }
  return (
    <li className="row" data-key={rowKey} data-done={task.done ? '' : undefined} data-pending={row.pending ? '' : undefined}>
      <Handle {...props} />
      <label className="check">
        <input
          type="checkbox"
          data-part="check"
          checked={task.done}
          aria-label={`Done: ${task.title}`}
          onChange={() => actions.toggle(task)}
        />
        <span className="check-mark" aria-hidden="true">
          <TickIcon />
        </span>
      </label>
      <button type="button" className="row-text" data-part="title" aria-describedby={hintIds.edit} onClick={() => actions.edit(task)}>
        <span className="row-title">{task.title}</span>
        {task.notes === '' ? null : <span className="row-notes">{task.notes}</span>}
      </button>
      {task.due === null ? null : <DueTag due={task.due} today={today} done={task.done} />}
      <Menu className="row-menu" label={`More for ${task.title}`} button={<MoreIcon />} items={menuItems(props)} />
      {row.trouble === null ? null : <TroubleNote entry={row.trouble} store={store} />}
    </li>
  );
}, isSameRow);

/** A row is a new object with every change of anything; what it shows mostly is not. */
function isSameRow({ row, ...rest }: TaskRowProps, { row: nextRow, ...nextRest }: TaskRowProps): boolean {
  const keys = Object.keys(rest) as (keyof typeof rest)[];
  return (
    row.task === nextRow.task &&
    row.pending === nextRow.pending &&
    row.trouble === nextRow.trouble &&
    keys.every((key) => rest[key] === nextRest[key])
  );
}

function Handle({ row, index, canMove, startDrag }: TaskRowProps) {
  if (!canMove) return <span className="handle-space" />;
  return (
    <button
      type="button"
      className="handle"
      data-part="handle"
      aria-label={`Move ${row.task.title}`}
      aria-describedby={hintIds.move}
      onPointerDown={(event) => startDrag(event, index)}
    >
      <GripIcon />
    </button>
  );
}

function menuItems({ row, index, count, canMove, actions }: TaskRowProps): MenuItem[] {
  const { task } = row;
  return [
    { label: 'Edit', hint: 'E', run: () => actions.edit(task) },
    { label: 'Move up', hint: 'Alt ↑', disabled: !canMove || index === 0, run: () => actions.move(task, index - 1) },
    { label: 'Move down', hint: 'Alt ↓', disabled: !canMove || index === count - 1, run: () => actions.move(task, index + 1) },
    { label: 'Delete', hint: 'Del', danger: true, run: () => actions.remove(task) },
  ];
}

function DueTag({ due, today, done }: { due: string; today: string; done: boolean }) {
  const how = done ? 'later' : urgency(due, today);
  return (
    <time className="due" dateTime={due} data-urgency={how}>
      <CalendarIcon size={14} />
      {how === 'overdue' ? 'Overdue, ' : ''}
      {dueLabel(due, today, 'en-GB')}
    </time>
  );
}
