import type { Plan } from '../../../../../src/server/api/index.ts';
import { Empty } from '../../../ui/index.ts';
import { costs, counts, isEmpty } from '../changes.ts';
import { Changes } from './Changes.tsx';
import styles from './PlanSummary.module.css';

/** The sentence first, then the changes. */
export function PlanSummary({ plan }: { readonly plan: Plan }) {
  if (isEmpty(plan.changes)) return <Empty title="Nothing would change.">What serves is what the folder says.</Empty>;
  return (
    <div className={styles.plan}>
      <p className={styles.sentence}>
        {counts(plan.changes).map((text) => (
          <span key={text}>{text}</span>
        ))}
        <span className={styles.costs}>
          {costs(plan).map(({ text, hurts }, index) => (
            <span key={text} data-hurts={hurts}>
              {index > 0 && ', '}
              {text}
            </span>
          ))}
        </span>
      </p>
      {!plan.running && <p className={styles.note}>The app does not run: all of it would be started.</p>}
      <Changes changes={plan.changes} />
      <SchemaHarm schema={plan.schema} />
    </div>
  );
}

function SchemaHarm({ schema }: Pick<Plan, 'schema'>) {
  if (schema.length === 0) return null;
  return (
    <section className={styles.schema} aria-label="Schema">
      <p className={styles.title}>Migrations that take something from the version which serves</p>
      <ul>
        {schema.map(({ name, effect, reasons }) => (
          <li key={name}>
            <code>{name}</code> <strong>{effect}</strong>
            {reasons.map((reason) => (
              <span key={reason} className={styles.reason}>
                {reason}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
