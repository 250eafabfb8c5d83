/** What the page of the log does beside showing it. */
import { useCallback, useEffect, useEffectEvent, useState, useSyncExternalStore, type RefObject } from 'react';
import { useActions } from '../../app/actions.ts';
import { number } from '../../ui/format.ts';
import type { LogAddress } from './address.ts';
import { copied } from './draw.ts';
import type { LogModel, LogState } from './model.ts';
import type { Selection } from './selection.ts';
import type { Change } from './Toolbar.tsx';

/** Somebody who types is not searched for before this pause. */
const typingMs = 150;

/** What is typed, and in the address once somebody paused. The address wins when it changes by itself: back, forward, a link. */
export function useTyped(inAddress: string, change: Change): [string, (words: string) => void] {
  const [typed, setTyped] = useState(inAddress);
  const [sent, setSent] = useState(inAddress);
  if (inAddress !== sent) {
    setSent(inAddress);
    setTyped(inAddress);
  }
  useEffect(() => {
    if (typed === sent) return;
    const timer = setTimeout(() => {
      setSent(typed);
      change({ q: typed });
    }, typingMs);
    return () => clearTimeout(timer);
  }, [typed, sent, change]);
  return [typed, setTyped];
}

export interface Matches {
  /** The line to show. */
  readonly target: { readonly id: number } | undefined;
  /** `3 of 128`; empty without a search. */
  readonly found: string;
  onMatch(step: 1 | -1): void;
}

export function useMatches(model: LogModel, state: LogState, selection: Selection, address: LogAddress): Matches {
  const [target, setTarget] = useState<{ readonly id: number }>();
  useMoment(model, address.at, (id) => {
    selection.pick(id, false);
    setTarget({ id });
  });
  const { hits } = state.view;
  const place = selection.active === undefined ? undefined : model.ring.placeOf(selection.active);
  const at = place === undefined ? undefined : hits.indexFrom(place);
  const isOnHit = at !== undefined && hits.at(at) === place;
  const onMatch = (step: 1 | -1): void => {
    const next = step === -1 ? (at ?? hits.length) - 1 : (at ?? -1) + (isOnHit || at === undefined ? 1 : 0);
    const found = hits.at((next + hits.length) % Math.max(1, hits.length));
    if (found === undefined) return;
    const id = model.ring.id(found);
    selection.pick(id, false);
    setTarget({ id });
  };
  return { target, onMatch, found: foundText(state, address, isOnHit ? at : undefined) };
}

/** Goes to the last line before a moment, once the lines reach so far back. */
function useMoment(model: LogModel, at: number | undefined, show: (id: number) => void): void {
  const found = useEffectEvent(show);
  useEffect(() => {
    let isOver = at === undefined;
    const look = async (): Promise<void> => {
      if (isOver || at === undefined || model.ring.length === 0) return;
      isOver = true;
      for (;;) {
        const place = model.ring.lastBefore(at);
        if (place !== undefined) return found(model.ring.id(place));
        if (!(await model.older())) return found(model.ring.oldestId ?? 0);
      }
    };
    void look();
    return model.subscribe(() => void look());
  }, [model, at]);
}

function foundText({ view: { hits }, isSearching }: LogState, { words }: LogAddress, at: number | undefined): string {
  if (words === '') return '';
  if (isSearching) return 'searching';
  if (hits.length === 0) return 'no match';
  return at === undefined ? `${number(hits.length)} found` : `${number(at + 1)} of ${number(hits.length)}`;
}

/** More would not fit into a clipboard that anybody reads. */
const mostCopied = 20_000;

/** @returns what happened last, in words; and what copies the picked lines */
export function useCopy(model: LogModel, { view }: LogState, { range }: Selection): [string, () => void] {
  const [note, setNote] = useState('');
  const copy = useCallback(() => {
    if (range === undefined) return setNote('Pick a line first');
    const lines: string[] = [];
    for (let index = view.indexFrom(model.ring.placeFrom(range[0])); index < view.length && lines.length < mostCopied; index++) {
      const row = model.ring.row(view.at(index) ?? 0);
      if (row.id > range[1]) break;
      lines.push(copied(row));
    }
    navigator.clipboard.writeText(`${lines.join('\n')}\n`).then(
      () => setNote(`${number(lines.length)} ${lines.length === 1 ? 'line' : 'lines'} copied`),
      () => setNote('The browser does not allow copying here'),
    );
  }, [model, view, range]);
  useEffect(() => {
    if (note === '') return;
    const timer = setTimeout(() => setNote(''), 4_000);
    return () => clearTimeout(timer);
  }, [note]);
  return [note, copy];
}

interface Doings {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly address: LogAddress;
  readonly change: Change;
  onFollow(follow: boolean): void;
  copy(): void;
}

/** The same by keyboard and in the palette. */
export function useLogActions({ field, address, change, onFollow, copy }: Doings): void {
  const { follow, wrap } = address;
  useActions([
    // Takes the place of the search in everything, which Ctrl-K opens as well.
    { id: 'search', title: 'Search in the lines', group: 'Logs', keys: '/', words: 'find filter', run: () => field.current?.focus() },
    {
      id: 'log-follow',
      title: follow ? 'Stop following' : 'Follow the newest lines',
      group: 'Logs',
      keys: 'f',
      words: 'tail live',
      run: () => onFollow(!follow),
    },
    {
      id: 'log-wrap',
      title: wrap ? 'One row for each line' : 'Wrap long lines',
      group: 'Logs',
      keys: 'w',
      run: () => change({ wrap: wrap ? undefined : 'yes' }),
    },
    { id: 'log-errors', title: 'Only errors', group: 'Logs', keys: 'e', words: 'level', run: () => change({ level: 'error' }) },
    { id: 'log-all', title: 'All lines again', group: 'Logs', words: 'clear reset filters', run: () => change(nothingChosen) },
    { id: 'log-copy', title: 'Copy the picked lines', group: 'Logs', keys: 'c', run: copy },
  ]);
}

export const nothingChosen = {
  at: undefined,
  q: undefined,
  pattern: undefined,
  service: undefined,
  replica: undefined,
  level: undefined,
  stream: undefined,
};

const narrow = '(max-width: 720px)';

export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(narrow);
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => matchMedia(narrow).matches,
  );
}
