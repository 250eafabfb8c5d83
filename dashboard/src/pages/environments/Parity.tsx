import type { EnvironmentSummary } from '../../../../src/server/api/index.ts';
import { Empty } from '../../ui/index.ts';
import { plainLine } from '../releases/evidence.ts';
import type { Cell, ParityGroup, ParityRow } from './parity.ts';
import styles from './Parity.module.css';

interface ParityProps {
  readonly environments: readonly EnvironmentSummary[];
  readonly groups: readonly ParityGroup[];
  readonly onlyDiffering: boolean;
}

/** Features by environments. */
export function Parity({ environments, groups, onlyDiffering }: ParityProps) {
  const shown = groups
    .map(({ title, rows }) => ({ title, rows: onlyDiffering ? rows.filter(({ differs }) => differs) : rows }))
    .filter(({ rows }) => rows.length > 0);
  if (shown.length === 0) return <Empty title={onlyDiffering ? 'Every environment gives the same' : 'The app asks for nothing'} />;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Feature</th>
          {environments.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      {shown.map(({ title, rows }) => (
        <tbody key={title}>
          <tr className={styles.group}>
            <th scope="rowgroup" colSpan={environments.length + 1}>
              {title}
            </th>
          </tr>
          {rows.map((row) => (
            <Row key={row.feature} row={row} names={environments.map(({ name }) => name)} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

function Row({ row: { feature, title, paths, cells, differs }, names }: { readonly row: ParityRow; readonly names: readonly string[] }) {
  return (
    <tr className={styles.row}>
      <th scope="row">
        <span className={styles.title} title={feature}>
          {title}
        </span>
        {differs && names.length > 1 && <span className={styles.differs}>differs</span>}
        <span className={styles.paths}>{paths.join(', ')}</span>
      </th>
      {cells.map((cell, index) => (
        <td key={names[index]} data-level={cell.level}>
          <span className={styles.environment} aria-hidden="true">
            {names[index]}
          </span>
          <Answer cell={cell} />
        </td>
      ))}
    </tr>
  );
}

function Answer({ cell: { symbol, words, notes } }: { readonly cell: Cell }) {
  return (
    <div className={styles.answer}>
      <span className={styles.level}>
        <span className={styles.symbol} aria-hidden="true">
          {symbol}
        </span>
        {words}
      </span>
      {notes.map(({ reason }) => (
        <span key={reason} className={styles.reason}>
          {plainLine(reason)}
        </span>
      ))}
    </div>
  );
}
