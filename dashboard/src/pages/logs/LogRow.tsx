import { memo, useMemo } from 'react';
import { sourceColour } from '../../server/colours.ts';
import { dateTime, number } from '../../ui/format.ts';
import { classes } from '../../ui/index.ts';
import { show } from './ansi.ts';
import { excerpt, levelWord, summary, timeText } from './draw.ts';
import { levels, readJson, type JsonLine } from './line.ts';
import { Details } from './LogDetails.tsx';
import styles from './LogRow.module.css';
import { LogText } from './LogText.tsx';
import type { Matcher } from './matcher.ts';
import type { Row } from './ring.ts';

interface LogRowProps {
  readonly row: Row;
  readonly matcher: Matcher | undefined;
  /** Rises when the matcher knows more. */
  readonly revision: number;
  readonly isOpen: boolean;
  readonly wrap: boolean;
  /** Start of this day, ms. */
  readonly today: number;
}

/** The cells of one line. A line never changes, only how it is shown. */
export const LogRow = memo(
  function LogRow({ row, matcher, isOpen, wrap, today }: LogRowProps) {
    const json = useMemo(() => (row.text.startsWith('{') ? readJson(row.text) : undefined), [row.text]);
    if (row.skipped > 0) return <Skipped count={row.skipped} />;
    return (
      <>
        <Head row={row} today={today} />
        <div role="gridcell" className={classes(styles.text, (wrap || isOpen) && styles.wrapped)}>
          <div className={styles.line}>
            {row.characters === 0 ? null : <span className={styles.cut}>cut, {number(row.characters)} characters</span>}
            {json === undefined ? (
              <Plain row={row} matcher={matcher} isWhole={wrap || isOpen} />
            ) : (
              <Readable json={json} matcher={matcher} isOpen={isOpen} />
            )}
          </div>
          {isOpen ? <Details row={row} json={json} matcher={matcher} /> : null}
        </div>
      </>
    );
  },
  (a, b) =>
    a.row.id === b.row.id &&
    a.row.raw === b.row.raw &&
    a.row.skipped === b.row.skipped &&
    a.matcher === b.matcher &&
    a.revision === b.revision &&
    a.isOpen === b.isOpen &&
    a.wrap === b.wrap &&
    a.today === b.today,
);

function Head({ row, today }: { readonly row: Row; readonly today: number }) {
  const time = timeText(row.at, today);
  return (
    <>
      <span role="gridcell" className={styles.time} title={time === '' ? undefined : dateTime(row.at)}>
        {time === '' ? 'time not known' : time}
      </span>
      <span role="gridcell" className={styles.source} title={row.source.name} style={{ color: sourceColour(row.source.name) }}>
        {row.source.name}
      </span>
      <span role="gridcell" className={classes(styles.level, tones[row.level])}>
        {levelWord(row.level) || (row.stream === 'stdout' ? '' : row.stream)}
      </span>
    </>
  );
}

const tones: Readonly<Record<number, string | undefined>> = {
  [levels.fatal]: styles.bad,
  [levels.error]: styles.bad,
  [levels.warn]: styles.warn,
  [levels.info]: styles.info,
};

function Plain({ row, matcher, isWhole }: { readonly row: Row; readonly matcher: Matcher | undefined; readonly isWhole: boolean }) {
  const shown = useMemo(() => show(row.raw), [row.raw]);
  const hits = matcher?.ranges(shown.text) ?? [];
  if (isWhole) return <LogText shown={shown} hits={hits} />;
  const part = excerpt(shown, hits);
  const shifted =
    part.from === 0 ? hits : hits.map(([from, to]) => [from - part.from, to - part.from] as const).filter(([from]) => from >= 0);
  return (
    <>
      {part.from > 0 ? <span className={styles.faint}>… </span> : null}
      <LogText shown={part.shown} hits={shifted} />
    </>
  );
}

/** The message first, and what else the line says behind it. */
function Readable({ json, matcher, isOpen }: { readonly json: JsonLine; readonly matcher: Matcher | undefined; readonly isOpen: boolean }) {
  const rest = isOpen && json.message !== '' ? '' : summary(json.fields);
  return (
    <>
      <LogText shown={{ text: json.message, spans: [] }} hits={matcher?.ranges(json.message) ?? []} />
      {json.message === '' ? null : ' '}
      <span className={styles.fields}>
        <LogText shown={{ text: rest, spans: [] }} hits={matcher?.ranges(rest) ?? []} />
      </span>
    </>
  );
}

function Skipped({ count }: { readonly count: number }) {
  return (
    <span role="gridcell" className={styles.skipped}>
      {number(count)} {count === 1 ? 'line' : 'lines'} left out here: they came faster than they could be shown
    </span>
  );
}
