import type { Change } from '../../../../../src/server/api/index.ts';
import { changeRows } from '../changes.ts';
import styles from './Changes.module.css';
import { LongText } from './LongText.tsx';

/** One line for each change, with the terminal's signs. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <ul className={styles.changes}>
      {changeRows(changes).map(({ kind, sign, word, subject, detail, costs }) => (
        <li key={`${kind} ${subject}`} className={styles.change} data-kind={kind}>
          <span className={styles.sign} title={word}>
            <span aria-hidden="true">{sign}</span>
            <span className="visually-hidden">{word}</span>
          </span>
          <span className={styles.subject}>{subject}</span>
          <span className={styles.detail}>
            <LongText text={detail} />
            {costs.map((cost) => (
              <strong key={cost} className={styles.cost}>
                {cost}
              </strong>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}
