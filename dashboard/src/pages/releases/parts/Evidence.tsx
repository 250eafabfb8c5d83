import { Link } from 'wouter';
import type { Problem } from '../../../../../src/server/api/index.ts';
import { Card, Command } from '../../../ui/index.ts';
import { logFilter, logsPath, plainLine } from '../evidence.ts';
import styles from './Evidence.module.css';
import { LongText } from './LongText.tsx';

interface EvidenceProps {
  readonly environment: string;
  readonly evidence: Problem;
  /** When it had ended, ISO 8601. */
  readonly at: string | null;
}

/** Why it failed: what, what was seen, what to do, and where to read on. */
export function Evidence({ environment, evidence, at }: EvidenceProps) {
  const { code, message, fix, where, lines } = evidence;
  const filter = logFilter(evidence);
  return (
    <Card
      title="Why it failed"
      actions={<Link href={logsPath(environment, filter, at)}>{`Logs of ${filter.replica ?? filter.service ?? 'that time'}`}</Link>}
    >
      <div className={styles.evidence}>
        <p className={styles.message}>
          <span aria-hidden="true">✗ </span>
          <LongText text={message} />
        </p>
        {where !== undefined && (
          <p className={styles.where}>
            <LongText text={where} />
          </p>
        )}
        {lines.length > 0 && <Lines lines={lines} />}
        <p>
          <b>What to do:</b> <LongText text={fix} />
        </p>
        <p className={styles.where}>
          <code>{code}</code> is the code of this problem. In a terminal <Command>{`gantry explain ${code}`}</Command> tells its cause, an
          example and the fix.
        </p>
      </div>
    </Card>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <pre className={styles.lines} role="region" aria-label="Last log lines" tabIndex={0}>
      {lines.map(plainLine).join('\n')}
    </pre>
  );
}
