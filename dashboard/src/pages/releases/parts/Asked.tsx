import type { Question } from '../../../../../src/server/api/index.ts';
import { losesData, withAgreed, type Answers } from '../consent.ts';
import { plainLine } from '../evidence.ts';
import styles from './Asked.module.css';
import { TypedName } from './TypedName.tsx';

interface AskedProps {
  readonly questions: readonly Question[];
  readonly environment: string;
  readonly answers: Answers;
  change(answers: Answers): void;
}

/** Every question with a yes of its own; where data would be gone, the environment's name besides. */
export function Asked({ questions, environment, answers, change }: AskedProps) {
  return (
    <div className={styles.asked}>
      <p>Nothing was changed yet. {questions.length === 1 ? 'One thing has' : `${questions.length} things have`} to be confirmed.</p>
      <ul className={styles.questions}>
        {questions.map(({ id, text, losesData: grave }) => (
          <li key={id} className={styles.question} data-grave={grave}>
            <label>
              <input
                type="checkbox"
                checked={answers.agreed.has(id)}
                onChange={(event) => change(withAgreed(answers, id, event.target.checked))}
              />
              <span>
                <code>{id}</code> {plainLine(text)}
                {grave && <strong className={styles.grave}> Data would be gone, and no rollback brings it back.</strong>}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {losesData(questions) && (
        <TypedName environment={environment} typed={answers.typed} type={(typed) => change({ ...answers, typed })} />
      )}
    </div>
  );
}
