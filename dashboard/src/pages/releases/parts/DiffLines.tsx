import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import { number } from '../../../ui/format.ts';
import type { Diff, DiffRow, Place } from '../diff.ts';
import { plainLine } from '../evidence.ts';
import styles from './DiffLines.module.css';

interface DiffLinesProps {
  readonly path: string;
  readonly diff: Diff;
  readonly current: Place | undefined;
  readonly isLong: boolean;
}

/** The lines of one file; of a long one only those that can be seen are there. */
export function DiffLines(props: DiffLinesProps) {
  return props.isLong ? <ManyLines {...props} /> : <AllLines {...props} />;
}

function AllLines({ path, diff, current }: DiffLinesProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current !== undefined) list.current?.querySelector(`[data-change="${current.change}"]`)?.scrollIntoView({ block: 'center' });
  }, [current]);
  return (
    <div ref={list} className={styles.lines} role="group" aria-label={`Differences of ${path}`}>
      {diff.rows.map((row, index) => (
        <Row key={index} row={row} isCurrent={isAt(row, current)} />
      ))}
    </div>
  );
}

const lineHeight = 20;

function ManyLines({ path, diff, current }: DiffLinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, changes } = diff;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  useEffect(() => {
    if (current === undefined) return;
    virtual.scrollToIndex(changes[current.change] ?? 0, { align: 'center' });
    scroller.current?.scrollIntoView({ block: 'nearest' });
    // oxlint-disable-next-line react/exhaustive-deps -- the place alone is what moves it
  }, [current]);
  return (
    <div ref={scroller} className={styles.scroller} role="region" aria-label={`Differences of ${path}`} tabIndex={0}>
      <div className={styles.canvas} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            ref={virtual.measureElement}
            data-index={index}
            className={styles.place}
            style={{ transform: `translateY(${start}px)` }}
          >
            <Row row={rows[index] ?? { kind: 'folded', lines: null }} isCurrent={isAt(rows[index], current)} />
          </div>
        ))}
      </div>
    </div>
  );
}

function isAt(row: DiffRow | undefined, current: Place | undefined): boolean {
  return current !== undefined && row?.kind === 'line' && row.change === current.change;
}

const shownCharacters = 4000;

const Row = memo(function Row({ row, isCurrent }: { readonly row: DiffRow; readonly isCurrent: boolean }) {
  if (row.kind === 'folded')
    return (
      <div className={styles.folded}>
        {row.lines === null ? '...' : `... ${number(row.lines)} equal ${row.lines === 1 ? 'line' : 'lines'}`}
      </div>
    );
  const { sign, text, before, after } = row.line;
  return (
    <div className={styles.line} data-sign={sign} data-change={row.change} data-current={isCurrent || undefined}>
      <span className={styles.number}>{before}</span>
      <span className={styles.number}>{after}</span>
      <span className={styles.sign}>{sign}</span>
      <span className={styles.text}>{shown(plainLine(text))}</span>
    </div>
  );
});

function shown(text: string): string {
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)} ... ${number(text.length)} characters`;
}
