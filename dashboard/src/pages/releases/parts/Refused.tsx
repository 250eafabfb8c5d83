import type { Problem } from '../../../../../src/server/api/index.ts';
import { ProblemView } from '../../../ui/index.ts';
import { blockedBy, type Answers } from '../consent.ts';
import { plainLine } from '../evidence.ts';
import asked from './Asked.module.css';
import styles from './Refused.module.css';

interface RefusedProps {
  readonly problem: Problem;
  readonly answers: Answers;
  change(answers: Answers): void;
}

/** Why it does not go on, and what a person may let pass. */
export function Refused({ problem, answers, change }: RefusedProps) {
  const blocked = blockedBy(problem);
  return (
    <div className={styles.refused}>
      <ProblemView problem={{ ...problem, lines: problem.lines.map(plainLine) }} />
      {blocked.map(({ id }) => (
        <label key={id} className={styles.reason}>
          Let {id} pass, because
          <input
            value={answers.allowed[id] ?? ''}
            placeholder="a reason; it is recorded in the release"
            maxLength={500}
            onChange={(event) => change({ ...answers, allowed: { ...answers.allowed, [id]: event.target.value } })}
          />
        </label>
      ))}
      {problem.code === 'GR5005' && (
        <div className={asked.question} data-grave="true">
          <label>
            <input
              type="checkbox"
              checked={answers.allowSchemaMismatch}
              onChange={(event) => change({ ...answers, allowSchemaMismatch: event.target.checked })}
            />
            <span>I know that the old version can live with the database as it is now.</span>
          </label>
        </div>
      )}
    </div>
  );
}
