import { memo, type ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './DataTable.module.css';

export interface Column<T> {
  readonly header: string;
  cell(row: T): ReactNode;
  /** Figures stand at the right. */
  readonly align?: 'right';
  /** Left out where there is little room. */
  readonly optional?: boolean;
  /** Takes the room that is left, and is cut. */
  readonly grow?: boolean;
}

interface DataTableProps<T> {
  /** What the table is, for those who do not see it. */
  readonly caption: string;
  /** Keep the same array, so that rows which did not change are not drawn again. */
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  rowKey(row: T): string;
}

/** The first column names the row. */
export function DataTable<T>({ caption, columns, rows, rowKey }: DataTableProps<T>) {
  return (
    // A region that scrolls has to be reachable with the keyboard.
    <div className={styles.scroll} role="region" aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.header} scope="col" className={cellClass(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={rowKey(row)} row={row} columns={columns as readonly Column<unknown>[]} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Row = memo(function Row({ row, columns }: { readonly row: unknown; readonly columns: readonly Column<unknown>[] }) {
  return (
    <tr>
      {columns.map((column, index) =>
        index === 0 ? (
          <th key={column.header} scope="row" className={cellClass(column)}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.header} className={cellClass(column)}>
            {column.cell(row)}
          </td>
        ),
      )}
    </tr>
  );
});

function cellClass<T>({ align, optional, grow }: Column<T>): string {
  return classes(align === 'right' && styles.right, optional && styles.optional, grow && styles.grow);
}
