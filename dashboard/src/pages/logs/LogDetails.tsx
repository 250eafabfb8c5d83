import { useMemo } from 'react';
import { dateTime, number } from '../../ui/format.ts';
import { show } from './ansi.ts';
import { levelWord } from './draw.ts';
import type { JsonLine } from './line.ts';
import styles from './LogRow.module.css';
import { LogText } from './LogText.tsx';
import type { Matcher } from './matcher.ts';
import type { Row } from './ring.ts';

/** Everything that is known of a line. */
export function Details({
  row,
  json,
  matcher,
}: {
  readonly row: Row;
  readonly json: JsonLine | undefined;
  readonly matcher: Matcher | undefined;
}) {
  return (
    <dl className={styles.details}>
      {(json?.fields ?? []).map(([name, value]) => (
        <Field key={name} name={name} value={value} matcher={matcher} />
      ))}
      {json === undefined ? null : <Original row={row} matcher={matcher} />}
      {aboutOf(row).map(([name, value]) => (
        <div key={name} className={styles.about}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function aboutOf(row: Row): [string, string][] {
  const about: [string, string][] = [
    ['time', Number.isNaN(row.at) ? 'not known' : `${dateTime(row.at)} (${new Date(row.at).toISOString()})`],
    ['from', `${row.source.name}, ${row.stream}`],
  ];
  const level = levelWord(row.level);
  if (level !== '') about.push(['level', level]);
  if (row.characters > 0) {
    about.push(['cut', `the line has ${number(row.characters)} characters; the first ${number(row.raw.length)} are here`]);
  }
  return about;
}

function Field({ name, value, matcher }: { readonly name: string; readonly value: string; readonly matcher: Matcher | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <LogText shown={{ text: value, spans: [] }} hits={matcher?.ranges(value) ?? []} />
      </dd>
    </div>
  );
}

function Original({ row, matcher }: { readonly row: Row; readonly matcher: Matcher | undefined }) {
  const shown = useMemo(() => show(row.raw), [row.raw]);
  return (
    <div className={styles.about}>
      <dt>as written</dt>
      <dd>
        <LogText shown={shown} hits={matcher?.ranges(shown.text) ?? []} />
      </dd>
    </div>
  );
}
