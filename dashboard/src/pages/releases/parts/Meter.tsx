import type { Meter as MeterFigures } from '../../../../../src/server/api/index.ts';
import { number } from '../../../ui/format.ts';
import { deltaText, failuresText } from '../outcome.ts';
import styles from './Meter.module.css';

/** What users noticed: the meter's own requests through the public address. */
export function Meter({ meter, running }: { readonly meter: MeterFigures | null; readonly running: boolean }) {
  if (meter === null || meter.requests === 0)
    return <p className={styles.none}>{running ? 'not measured yet: it begins with `apply`' : 'not measured'}</p>;
  const kinds = failuresText(meter.failures);
  return (
    <dl className={styles.meter} data-failed={meter.failed > 0}>
      <Figure name={`of ${number(meter.requests)} requests of Gantry's own`} value={`${number(meter.failed)} failed`} note={kinds} main />
      <Figure name="longest gap" value={`${number(Math.round(meter.longestGapMs))} ms`} note="" />
      <Figure name="p99, against before" value={meter.p99DeltaMs === null ? 'not measured' : deltaText(meter.p99DeltaMs)} note="" />
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  readonly main?: boolean;
}

function Figure({ name, value, note, main = false }: FigureProps) {
  return (
    <div className={styles.figure} data-main={main}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {note !== '' && <dd className={styles.note}>{note}</dd>}
    </div>
  );
}
