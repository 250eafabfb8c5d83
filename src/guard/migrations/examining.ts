/** What the parts that examine statements share. */
import type { Catalogue, Kind } from './catalogue.ts';
import type { SqlRuleName } from './rules.ts';

export interface Verdict {
  readonly rule: SqlRuleName;
  /** Of the file, from 1. */
  readonly line: number;
  /** `drops the column owner of tasks` */
  readonly says: string;
}

export interface Examining {
  readonly catalogue: Catalogue;
  readonly line: number;
  /** Whether BEGIN has been said and COMMIT has not. */
  readonly inTransaction: boolean;
  /** @param about what is dropped, where a later statement may make it again */
  found(rule: SqlRuleName, says: string, line?: number, about?: string): void;
}

/** The same, for what is done to something that no version knows yet. */
export function unlessNew(to: Examining, kind: Kind, name: string): Examining {
  return to.catalogue.isNew(kind, name) ? { ...to, found: () => {} } : to;
}

/** The same, for a part of the statement that begins on another line. */
export function onLine(to: Examining, line: number): Examining {
  return { ...to, line, found: (rule, says, at = line, about) => to.found(rule, says, at, about) };
}
