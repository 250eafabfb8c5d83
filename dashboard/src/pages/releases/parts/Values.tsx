import type { ValueDiff } from '../../../../../src/server/api/index.ts';
import { Card } from '../../../ui/index.ts';
import { plainLine } from '../evidence.ts';
import styles from './Values.module.css';

interface ValuesProps {
  readonly title: string;
  readonly values: readonly ValueDiff[];
  /** Stands below: what is not shown, and why. */
  readonly note?: string;
}

/** Values that differ, before and after; with signs, so that nobody needs colours. */
export function Values({ title, values, note }: ValuesProps) {
  if (values.length === 0) return null;
  return (
    <Card title={title}>
      <dl className={styles.values}>
        {values.map(({ name, before, after }) => (
          <div key={name} className={styles.value}>
            <dt>{name}</dt>
            {before !== null && before === after ? (
              <Side sign="~" word="changed" text={`${before}, another one than before`} />
            ) : (
              <>
                {before !== null && <Side sign="-" word="before" text={before} />}
                {after !== null && <Side sign="+" word="after" text={after} />}
              </>
            )}
          </div>
        ))}
      </dl>
      {note !== undefined && <p className={styles.note}>{note}</p>}
    </Card>
  );
}

function Side({ sign, word, text }: Readonly<Record<'sign' | 'word' | 'text', string>>) {
  return (
    <dd className={styles.side} data-sign={sign}>
      <span className={styles.sign} aria-hidden="true">
        {sign}
      </span>
      <span className="visually-hidden">{word}: </span>
      <code className={styles.text}>{text === '' ? '(empty)' : plainLine(text)}</code>
    </dd>
  );
}
