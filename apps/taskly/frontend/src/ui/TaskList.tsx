import { useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { singleKeysOn } from '../client/preferences.ts';
import { undoTime, type TaskStore } from '../client/task-store.ts';
import type { Row } from '../model/outbox.ts';
import { neighbours } from '../model/rows.ts';
import type { Fields, Task } from '../model/task.ts';
import type { View } from '../model/view.ts';
import { useServices, type Services } from './services.ts';
import { TaskRow } from './TaskRow.tsx';
import { useDrag } from './useDrag.ts';
import { useFlip } from './useFlip.ts';
import { focusPart, useKeptFocus } from './useKeptFocus.ts';
import { isTyping } from './useShortcuts.ts';

interface TaskListProps {
  store: TaskStore;
  rows: readonly Row[];
  view: View;
  today: string;
  composer: RefObject<HTMLInputElement | null>;
}

export interface RowActions {
  toggle(task: Task): void;
  edit(task: Task): void;
  cancel(task: Task): void;
  save(base: Task, fields: Partial<Fields>): void;
  remove(task: Task): void;
  /** To an index of the list as it is shown. */
  move(task: Task, to: number): void;
}

export function TaskList({ store, rows: current, view, today, composer }: TaskListProps) {
  const list = useRef<HTMLUListElement>(null);
  const dropped = useRef(false);
  const [editing, setEditing] = useState<string | null>(null);
  /** The rows as they were when a drag began: others' changes wait until the drop. */
  const [frozen, setFrozen] = useState<readonly Row[] | null>(null);
  const rows = frozen ?? current;
  const keys = useMemo(() => rows.map(({ task }) => store.keyOf(task.id)), [rows, store]);
  const canMove = view.filter !== 'due' && rows.length > 1;
  const actions = useRowActions(store, rows, list, setEditing);

  const startDrag = useDrag(list, {
    onStart: () => setFrozen(current),
    onEnd: (from, to) => {
      const row = rows[from];
      setFrozen(null);
      if (row === undefined || from === to) return;
      dropped.current = true;
      actions.move(row.task, to);
    },
  });
  useFlip(list, dropped);
  useKeptFocus(list, composer);

  if (rows.length === 0) return null;
  return (
    // Keys bubble up from the buttons of the rows.
    <ul className="list" ref={list} onKeyDown={(event) => onListKey(event, rows, store, actions, canMove)}>
      {rows.map((row, index) => (
        <TaskRow
          key={keys[index]}
          rowKey={keys[index] ?? ''}
          row={row}
          index={index}
          count={rows.length}
          today={today}
          canMove={canMove}
          isEditing={editing === keys[index]}
          actions={actions}
          store={store}
          startDrag={startDrag}
        />
      ))}
    </ul>
  );
}

/** What rows can do. The same object for good, whose functions are always the newest: rows need not be drawn again because of them. */
function useRowActions(store: TaskStore, rows: readonly Row[], listRef: ListRef, setEditing: (key: string | null) => void): RowActions {
  const services = useServices();
  const latest = useRef<RowActions>(null);
  useLayoutEffect(() => {
    latest.current = {
      ...changingActions(store, services, rows),
      edit: (task) => setEditing(store.keyOf(task.id)),
      cancel: (task) => {
        setEditing(null);
        refocus(listRef, store.keyOf(task.id));
      },
    };
  });
  const [stable] = useState<RowActions>(() => ({
    toggle: (task) => latest.current?.toggle(task),
    edit: (task) => latest.current?.edit(task),
    cancel: (task) => latest.current?.cancel(task),
    save: (base, fields) => {
      latest.current?.save(base, fields);
      latest.current?.cancel(base);
    },
    remove: (task) => latest.current?.remove(task),
    move: (task, to) => latest.current?.move(task, to),
  }));
  return stable;
}

type ListRef = RefObject<HTMLUListElement | null>;

function changingActions(store: TaskStore, services: Services, rows: readonly Row[]): Omit<RowActions, 'edit' | 'cancel'> {
  const { announce } = services;
  return {
    toggle: (task) => {
      store.setDone(task, !task.done);
      announce(`${task.done ? 'Reopened' : 'Completed'}: ${task.title}`);
    },
    save: (base, fields) => {
      if (Object.keys(fields).length === 0) return;
      store.edit(base, fields);
      announce(`Saved: ${fields.title ?? base.title}`);
    },
    remove: (task) => removeWithUndo(store, services, task),
    move: (task, to) => {
      store.move(task, neighbours(rows, task.id, to));
      announce(`${task.title}: moved to position ${to + 1} of ${rows.length}`);
    },
  };
}

/** The deletion goes out a little after the message has gone, never before. */
const margin = 400;
const longHold = 60_000;

function removeWithUndo(store: TaskStore, { toast, announce }: Services, task: Task): void {
  const entry = store.remove(task);
  toast({
    id: entry,
    text: `Deleted “${shortened(task.title)}”`,
    time: undoTime - margin,
    action: {
      label: 'Undo',
      run: () => {
        store.undo(entry);
        announce(`Restored: ${task.title}`);
      },
    },
    onPause: () => store.hold(entry, longHold),
    onResume: (ms) => store.hold(entry, ms + margin),
  });
}

const shortened = (title: string): string => (title.length > 40 ? `${title.slice(0, 39)}…` : title);

const rowElement = (list: HTMLElement | null, key: string): HTMLElement | undefined =>
  ([...(list?.children ?? [])] as HTMLElement[]).find((row) => row.dataset['key'] === key);

/** After the editor has closed, the focus goes back to where it was opened. */
function refocus(listRef: ListRef, key: string): void {
  requestAnimationFrame(() => {
    const row = rowElement(listRef.current, key);
    if (row !== undefined) focusPart(row, 'title');
  });
}

function onListKey(
  event: KeyboardEvent<HTMLUListElement>,
  rows: readonly Row[],
  store: TaskStore,
  actions: RowActions,
  canMove: boolean,
): void {
  const target = event.target as HTMLElement;
  const element = target.closest<HTMLElement>('[data-key]');
  const index = rows.findIndex(({ task }) => store.keyOf(task.id) === element?.dataset['key']);
  const row = rows[index];
  if (row === undefined || element === null || isTyping(target)) return;
  const onHandle = target.dataset['part'] === 'handle';
  const step = stepOf(event);
  const command = step === 0 ? commandOf(event, row.task, actions) : undefined;
  if (step !== 0 && (event.altKey || onHandle)) moveBy(rows, index, step, actions, canMove);
  else if (step !== 0) focusNeighbour(element, step);
  else if (command !== undefined) command();
  else return;
  event.preventDefault();
}

function stepOf({ key, ctrlKey, metaKey }: KeyboardEvent): number {
  if (ctrlKey || metaKey) return 0;
  const letters = singleKeysOn();
  if (key === 'ArrowUp' || (letters && key === 'k')) return -1;
  return key === 'ArrowDown' || (letters && key === 'j') ? 1 : 0;
}

function commandOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, task: Task, actions: RowActions): (() => void) | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  if (key === 'Delete') return () => actions.remove(task);
  if (!singleKeysOn()) return undefined;
  if (key === 'x') return () => actions.toggle(task);
  return key === 'e' ? () => actions.edit(task) : undefined;
}

function moveBy(rows: readonly Row[], index: number, step: number, actions: RowActions, canMove: boolean): void {
  const row = rows[index];
  const to = index + step;
  if (canMove && row !== undefined && to >= 0 && to < rows.length) actions.move(row.task, to);
}

function focusNeighbour(element: HTMLElement, step: number): void {
  const neighbour = step < 0 ? element.previousElementSibling : element.nextElementSibling;
  if (neighbour instanceof HTMLElement) focusPart(neighbour, 'title');
}
