import { Link } from 'wouter';
import type { Status, WalkStep } from '../../../../src/server/api/index.ts';
import { clock, duration } from '../../ui/format.ts';
import { Button, Command, ProblemView } from '../../ui/index.ts';
import { releasePath } from '../releases/address.ts';
import { logFilter, logsPath } from '../releases/evidence.ts';
import { resultOf } from '../releases/outcome.ts';
import { Meter } from '../releases/parts/Meter.tsx';
import { Traffic } from '../releases/parts/Traffic.tsx';
import { currentStep, durationOf, isTakenBack, wordOf } from '../releases/walk.ts';
import { explaining, searchFor } from './explain.ts';
import styles from './TryPage.module.css';
import { isReleased, isUnderWay, type Released, type ReleaseKind, type Trying } from './use-tries.ts';

interface ReleaseProps {
  readonly environment: string;
  readonly trying: Trying;
  readonly status: Status | undefined;
  readonly kind: ReleaseKind;
  /** What it differs in; null when there is nothing to differ in. */
  readonly change: string | null;
}

const texts: Readonly<Record<ReleaseKind, { readonly button: string; readonly before: string }>> = {
  'good release': {
    button: 'Make a good release',
    before:
      'New replicas start beside the old ones. They are checked before anybody sees them; then a share of the users goes to them and both are compared; then everybody does. The old replicas stay warm for a while, finish what they have, and stop. Nobody notices: the meter below asks 50 times a second and would.',
  },
  'bad release': {
    button: 'Make a bad release',
    before:
      'The new replicas of this one cannot work. Gantry finds out before users do, takes the release back by itself, and keeps the lines that say why. The release that serves goes on serving.',
  },
};

/** Makes a release of a kind, shows it as it goes, and how it ended. */
export function Release({ environment, trying, status, kind, change }: ReleaseProps) {
  const { button, before } = texts[kind];
  const results = trying.attempts.filter((one): one is Released => isReleased(one) && one.kind === kind).toReversed();
  const busyWith = status?.place?.operation ?? null;
  return (
    <>
      <p>{before}</p>
      <p>
        {change === null ? (
          'No service of this app runs a program, so there is nothing to change.'
        ) : (
          <>
            It differs from your files in one thing: <b>{change}</b>.
          </>
        )}
      </p>
      <div className={styles.actions}>
        <Button
          kind="primary"
          busy={trying.asking === kind}
          disabled={change === null || trying.asking !== undefined || busyWith !== null}
          onClick={() => trying.release(kind)}
        >
          {button}
        </Button>
        {busyWith === null ? null : <span className={styles.quiet}>{busyWith.name} is under way; one at a time.</span>}
      </div>
      {trying.problem?.kind === kind ? <ProblemView problem={trying.problem.problem} /> : null}
      {results.length === 0 ? null : (
        <ol className={styles.results} aria-label="What has happened">
          {results.map((one) => (
            <Result key={one.at} environment={environment} one={one} />
          ))}
        </ol>
      )}
    </>
  );
}

function Result({ environment, one }: { readonly environment: string; readonly one: Released }) {
  const { operation, progress, detail } = one;
  const result = detail === null ? undefined : resultOf(detail);
  const walk = detail?.walk ?? progress?.walk ?? [];
  const key = detail?.key ?? progress?.key;
  return (
    <li
      className={styles.result}
      data-well={
        detail?.outcome === (one.kind === 'good release' ? 'promoted' : 'rolled back') ||
        (one.kind === 'bad release' && detail?.outcome === 'failed')
      }
    >
      <p>
        <b>{one.kind === 'good release' ? 'A good release' : 'A bad release'}</b> <time className={styles.quiet}>{clock(one.at)}</time>
        {key === undefined ? null : <Link href={releasePath(environment, key)}>All about it</Link>}
      </p>
      <p className={styles.quiet}>{one.said}</p>
      <Walk walk={walk} hasEnded={detail !== null && detail.outcome !== 'running'} />
      <p role="status">{result === undefined ? nowOf(one, walk) : `${result.symbol} ${result.text}`}</p>
      {isUnderWay(one) ? (
        <>
          <Traffic environment={environment} />
          <Meter meter={progress?.meter ?? null} running />
        </>
      ) : null}
      {operation?.state === 'asks' ? (
        <p>
          It asks first: {operation.questions.map(({ text }) => text).join(' ')} Make it in a terminal:{' '}
          <Command>{`gantry deploy ${environment}`}</Command>
        </p>
      ) : null}
      {one.detail?.evidence == null ? (
        operation?.error == null ? null : (
          <ProblemView problem={operation.error} />
        )
      ) : (
        <Explained environment={environment} one={one} />
      )}
    </li>
  );
}

function nowOf({ operation, kind }: Released, walk: readonly WalkStep[]): string {
  if (operation?.state === 'unchanged') return 'Nothing has changed: this release serves already.';
  const step = currentStep(walk);
  if (operation?.state === 'changed') return kind === 'good release' ? '✓ It is promoted.' : 'It has ended.';
  if (operation?.state === 'failed') return '↺ It was taken back.';
  if (isTakenBack(walk)) return '↺ It is being taken back: users stay on the release that serves.';
  return step === undefined ? 'It begins.' : `${step.step}: ${step.message === '' ? step.about : step.message}`;
}

/** Each step as a word with its sign and its time. */
function Walk({ walk, hasEnded }: { readonly walk: readonly WalkStep[]; readonly hasEnded: boolean }) {
  return (
    <ol className={styles.walk} aria-label="The walk, step by step">
      {walk.map((step) => (
        <li key={step.step} data-state={step.state} title={step.about} aria-current={step.state === 'running' ? 'step' : undefined}>
          <span aria-hidden="true">{signs[step.state]}</span> {step.step}
          <span className="visually-hidden">, {wordOf(step.state, hasEnded)}</span>
          <small>{step.endedAt === null ? '' : timeOf(step)}</small>
        </li>
      ))}
    </ol>
  );
}

const signs: Readonly<Record<WalkStep['state'], string>> = {
  waiting: '',
  running: '~',
  done: '✓',
  failed: '✗',
  skipped: '-',
  'taken back': '↺',
};

/** Only of steps that one waits for. */
function timeOf(step: WalkStep): string {
  const took = durationOf(step, 0);
  return took === null || took < 100 ? '' : ` ${duration(took)}`;
}

/** Why it failed, and the line in the logs that says so. */
function Explained({ environment, one }: { readonly environment: string; readonly one: Released }) {
  const evidence = one.detail?.evidence;
  if (evidence == null) return null;
  const line = explaining(evidence);
  const path = logsPath(environment, logFilter(evidence), null);
  const href =
    line === undefined
      ? path
      : `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams({ q: searchFor(line), context: 'yes', follow: 'no' })}`;
  return (
    <div className={styles.explained}>
      <p>
        <b>{evidence.message}</b> <code>{evidence.code}</code>
      </p>
      {line === undefined ? null : (
        <>
          <p>Of what the failing replicas wrote, this line explains it:</p>
          <pre>{line}</pre>
        </>
      )}
      <p>
        <Link href={href}>Find it in the logs</Link>, with what came before and after.
      </p>
      <p>
        <b>What to do:</b> {evidence.fix}
      </p>
    </div>
  );
}
