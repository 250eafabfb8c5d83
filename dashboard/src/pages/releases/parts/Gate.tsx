import type { Gate as GateFigures, GateFigures as SetFigures } from '../../../../../src/server/api/index.ts';
import { duration, number } from '../../../ui/format.ts';
import styles from './Gate.module.css';
import { LongText } from './LongText.tsx';

const verdicts = { go: '✓ go', stop: '✗ stop' } as const;

/** Both sets' figures side by side, with what is allowed and what was decided. */
export function Gate({ gate }: { readonly gate: GateFigures }) {
  const { step, share, verdict, reason, judgedOn, live, next, limits, durationMs, elapsedMs } = gate;
  const part = durationMs === 0 ? 1 : Math.min(1, elapsedMs / durationMs);
  return (
    <section className={styles.gate} aria-label={`Gate of the ${step}`} data-verdict={verdict ?? 'open'}>
      <header className={styles.head}>
        <h3>
          {step} <span className={styles.share}>{share} % of the requests</span>
        </h3>
        <span className={styles.verdict}>{verdict === null ? '~ judging' : verdicts[verdict]}</span>
      </header>
      <table className={styles.figures}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">figure</span>
            </th>
            <th scope="col">old set</th>
            <th scope="col">next set</th>
            <th scope="col">at most</th>
          </tr>
        </thead>
        <tbody>
          <Row name="requests" live={number(live.requests)} next={number(next.requests)} limit="" />
          <Row name="failed" live={number(live.failed)} next={number(next.failed)} limit="" />
          <Row
            name="error rate"
            live={rateText(live)}
            next={rateText(next)}
            limit={limits === undefined ? '' : `${limits.errorRate.toFixed(2)} %`}
          />
          <Row
            name="p95"
            live={timeText(live.p95Ms)}
            next={timeText(next.p95Ms)}
            limit={limits === undefined ? '' : timeText(limits.p95Ms)}
          />
        </tbody>
      </table>
      <div className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ width: `${part * 100}%` }} />
      </div>
      <p className={styles.basis}>
        {verdict === null ? `${duration(elapsedMs)} of ${duration(durationMs)}` : `judged for ${duration(Math.min(elapsedMs, durationMs))}`}
        {judgedOn !== null && `, ${judgedOn === 'users' ? 'on users' : 'on smoke only'}`}
      </p>
      {reason !== null && (
        <p className={styles.reason}>
          <LongText text={reason} />
        </p>
      )}
    </section>
  );
}

function Row({ name, live, next, limit }: Readonly<Record<'name' | 'live' | 'next' | 'limit', string>>) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{live}</td>
      <td className={styles.next}>{next}</td>
      <td className={styles.limit}>{limit}</td>
    </tr>
  );
}

function rateText({ errorRate, requests }: SetFigures): string {
  return requests === 0 ? '-' : `${errorRate.toFixed(2)} %`;
}

function timeText(ms: number | null): string {
  return ms === null ? 'not known' : `${number(ms)} ms`;
}
