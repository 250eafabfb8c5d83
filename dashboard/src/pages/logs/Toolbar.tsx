import type { ChangeEvent, KeyboardEvent, ReactNode, RefObject } from 'react';
import { Select, Toggle } from '../../ui/Field.tsx';
import { Button, classes } from '../../ui/index.ts';
import { levelChoices, levelName, streamChoices, type LogAddress } from './address.ts';
import styles from './LogsPage.module.css';

export type Change = (parts: Readonly<Record<string, string | undefined>>) => void;

interface SearchProps {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly words: string;
  readonly address: LogAddress;
  /** `3 of 128`; empty without a search. */
  readonly found: string;
  readonly hasMatches: boolean;
  readonly complaint: string | undefined;
  onWords(words: string): void;
  onMatch(step: 1 | -1): void;
  readonly change: Change;
  /** Whether the filters are shown where there is little room. */
  readonly areFiltersOpen: boolean;
  onFilters(): void;
}

export function Search(props: SearchProps) {
  const { address, hasMatches, onMatch, change, areFiltersOpen, onFilters } = props;
  const chosen = [address.service, address.replica, address.stream, address.level || undefined].filter((part) => part !== undefined).length;
  return (
    <search className={classes(styles.search, areFiltersOpen && styles.unfolded)}>
      <Words {...props} />
      <Button onClick={() => onMatch(-1)} disabled={!hasMatches} title="Previous match: Enter">
        Previous
      </Button>
      <Button onClick={() => onMatch(1)} disabled={!hasMatches} title="Next match: Shift and Enter">
        Next
      </Button>
      <Button className={classes(styles.unfold)} aria-expanded={areFiltersOpen} aria-controls="log-filters" onClick={onFilters}>
        Filters{chosen === 0 ? '' : ` (${chosen})`}
      </Button>
      <Toggle
        className={classes(styles.folded)}
        isOn={address.isPattern}
        onClick={() => change({ pattern: address.isPattern ? undefined : 'yes' })}
      >
        Regular expression
      </Toggle>
      <Toggle
        className={classes(styles.folded)}
        isOn={address.onlyMatches}
        onClick={() => change({ context: address.onlyMatches ? 'yes' : undefined })}
      >
        Only matches
      </Toggle>
    </search>
  );
}

function Words({ field, words, address, found, complaint, onWords, onMatch }: SearchProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onMatch(event.shiftKey ? 1 : -1);
    else if (event.key === 'Escape') onWords('');
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles.words}>
      <input
        ref={field}
        type="search"
        value={words}
        placeholder={address.isPattern ? 'Search by a regular expression' : 'Search'}
        aria-label="Search in the lines"
        aria-describedby="log-found"
        aria-invalid={complaint !== undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onWords(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span id="log-found" role="status" className={styles.found}>
        {found}
      </span>
    </div>
  );
}

const levelTexts = { error: 'error and worse', warn: 'warn and worse', info: 'info and worse', debug: 'debug and worse' };

interface FiltersProps {
  readonly address: LogAddress;
  readonly services: readonly string[];
  readonly sources: readonly string[];
  readonly change: Change;
  /** Where there is little room. */
  readonly isOpen: boolean;
  readonly children: ReactNode;
}

export function Filters({ address, services, sources, change, isOpen, children }: FiltersProps) {
  return (
    <div id="log-filters" className={classes(styles.filters, isOpen && styles.unfolded)} role="group" aria-label="Filters">
      <Select
        label="Service"
        value={address.service ?? ''}
        choices={[{ value: '', text: 'all' }, ...services.map(same)]}
        onChange={(service) => change({ service, replica: undefined })}
      />
      <Select
        label="Source"
        value={address.replica ?? ''}
        choices={[{ value: '', text: 'all' }, ...sources.map(same)]}
        onChange={(replica) => change({ replica })}
      />
      <Select
        label="Level"
        value={levelName(address.level)}
        choices={[{ value: '', text: 'all' }, ...levelChoices.map((value) => ({ value, text: levelTexts[value] }))]}
        onChange={(level) => change({ level })}
      />
      <Select
        label="Stream"
        value={address.stream ?? ''}
        choices={[{ value: '', text: 'all' }, ...streamChoices.map(same)]}
        onChange={(stream) => change({ stream })}
      />
      {children}
    </div>
  );
}

function same(name: string): { value: string; text: string } {
  return { value: name, text: name };
}
