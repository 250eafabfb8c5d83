/** What the migrations so far have made, as far as telling new things from old ones needs it. */

export type Kind = 'table' | 'view' | 'index' | 'type' | 'function' | 'sequence' | 'schema' | 'trigger' | 'other';

export interface Column {
  /** As written, in lower case and single spaces; empty when it is not known. */
  readonly type: string;
  readonly hasDefault: boolean;
  readonly notNull: boolean;
}

export interface Catalogue {
  /** From now on things are new: no version that runs has seen them. */
  beginNew(): void;
  /** @param conditional IF NOT EXISTS, or OR REPLACE: what was there before stays old */
  create(kind: Kind, name: string, conditional?: boolean): void;
  drop(kind: Kind, name: string): void;
  rename(kind: Kind, from: string, to: string): void;
  /** Whether the new migrations made it, or the schema that it is in. */
  isNew(kind: Kind, name: string): boolean;
  /** Whether an earlier migration made it that is released. */
  isOld(kind: Kind, name: string): boolean;
  /** Whether a new statement dropped it, and a later one made it again. @param key `view tasks` */
  wasMadeAgain(key: string): boolean;
  setColumn(table: string, name: string, column: Column): void;
  /** As setColumn, for a column that was there before. */
  setKnown(table: string, name: string, column: Column): void;
  column(table: string, name: string): Column | undefined;
  isNewColumn(table: string, name: string): boolean;
  renameColumn(table: string, from: string, to: string): void;
  dropColumn(table: string, name: string): void;
  setUnique(index: string): void;
  isUnique(index: string): boolean;
}

export function newCatalogue(): Catalogue {
  const known = new Set<string>();
  const fresh = new Set<string>();
  const dropped = new Set<string>();
  const again = new Set<string>();
  const columns = new Map<string, Column>();
  const freshColumns = new Set<string>();
  const unique = new Set<string>();
  let isFresh = false;
  const key = (kind: Kind, name: string): string => `${kind} ${name}`;
  const columnKey = (table: string, name: string): string => `${table}\0${name}`;
  return {
    beginNew() {
      for (const one of fresh) known.add(one);
      for (const set of [fresh, freshColumns, dropped]) set.clear();
      isFresh = true;
    },
    create(kind, name, conditional = false) {
      const one = key(kind, name);
      if (conditional && (known.has(one) || dropped.has(one))) return;
      if (dropped.has(one)) again.add(one);
      (isFresh ? fresh : known).add(one);
    },
    drop(kind, name) {
      const one = key(kind, name);
      if (!fresh.delete(one)) dropped.add(one);
      known.delete(one);
    },
    rename(kind, from, to) {
      for (const set of [known, fresh]) if (set.delete(key(kind, from))) set.add(key(kind, to));
      if (kind !== 'table') return;
      for (const [one, column] of columns) {
        const [table, name = ''] = one.split('\0');
        if (table === from) columns.set(columnKey(to, name), column);
      }
    },
    isNew: (kind, name) => fresh.has(key(kind, name)) || fresh.has(key('schema', schemaOf(name))),
    isOld: (kind, name) => known.has(key(kind, name)),
    wasMadeAgain: (one) => again.has(one),
    setColumn(table, name, column) {
      const one = columnKey(table, name);
      if (isFresh && !columns.has(one)) freshColumns.add(one);
      columns.set(one, column);
    },
    setKnown: (table, name, column) => void columns.set(columnKey(table, name), column),
    column: (table, name) => columns.get(columnKey(table, name)),
    isNewColumn: (table, name) => freshColumns.has(columnKey(table, name)),
    renameColumn(table, from, to) {
      const column = columns.get(columnKey(table, from));
      if (column !== undefined) columns.set(columnKey(table, to), column);
      if (freshColumns.delete(columnKey(table, from))) freshColumns.add(columnKey(table, to));
    },
    dropColumn(table, name) {
      columns.delete(columnKey(table, name));
      freshColumns.delete(columnKey(table, name));
    },
    setUnique: (index) => void unique.add(index),
    isUnique: (index) => unique.has(index),
  };
}

function schemaOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.indexOf('.')) : 'public';
}
