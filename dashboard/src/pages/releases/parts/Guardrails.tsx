import type { Finding, ReleaseDetail } from '../../../../../src/server/api/index.ts';
import { Badge, Card, Command, type Tone } from '../../../ui/index.ts';
import styles from './Guardrails.module.css';
import { LongText } from './LongText.tsx';

const tones: Readonly<Record<string, Tone>> = { block: 'bad', confirm: 'warn', warn: 'warn' };

type GuardrailsProps = Pick<ReleaseDetail, 'findings' | 'allowed'> & {
  /** They have not judged yet. */
  readonly isOpen: boolean;
};

/** What guardrails said of it, and what somebody let pass. */
export function Guardrails({ findings, allowed, isOpen }: GuardrailsProps) {
  const ids = [...new Set(findings.map(({ id }) => id))];
  return (
    <Card title="Guardrails">
      {findings.length === 0 && allowed.length === 0 && (
        <p className={styles.muted}>{isOpen ? 'They have not looked yet.' : 'They found nothing.'}</p>
      )}
      <ul className={styles.list}>
        {findings.map((finding) => (
          <One key={`${finding.id} ${finding.message} ${finding.where ?? ''}`} finding={finding} />
        ))}
        {allowed.map(({ id, reason }) => (
          <li key={`allowed ${id}`} className={styles.one}>
            <p>
              <code>{id}</code> <Badge>allowed</Badge>
            </p>
            <p className={styles.muted}>
              because: <LongText text={reason} />
            </p>
          </li>
        ))}
      </ul>
      {ids.length > 0 && (
        <p className={styles.more}>
          In a terminal: <Command>{`gantry explain ${ids[0] ?? ''}`}</Command>
        </p>
      )}
    </Card>
  );
}

function One({ finding: { id, severity, message, where, why, fix } }: { readonly finding: Finding }) {
  return (
    <li className={styles.one}>
      <p>
        <code>{id}</code> <Badge tone={tones[severity] ?? 'quiet'}>{severity}</Badge> <LongText text={message} />
      </p>
      {where !== null && (
        <p className={styles.muted}>
          <LongText text={where} />
        </p>
      )}
      <p className={styles.muted}>
        <LongText text={`${why} ${fix}`} />
      </p>
    </li>
  );
}
