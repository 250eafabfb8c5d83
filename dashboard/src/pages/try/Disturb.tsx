import { useCallback, useState } from 'react';
import type { Replica, Status } from '../../../../src/server/api/index.ts';
import { Select } from '../../ui/Field.tsx';
import { clock } from '../../ui/format.ts';
import { Button, ProblemView, useTicking } from '../../ui/index.ts';
import { noticedOf, replicasIn, storyOf, titleOf, type Disturbed, type How } from './disturbed.ts';
import styles from './TryPage.module.css';
import { isReleased, type Trying } from './use-tries.ts';

interface DisturbProps {
  readonly trying: Trying;
  readonly status: Status | undefined;
  readonly hows: readonly How[];
}

const verbs: Readonly<Record<How, string>> = { kill: 'Kill', freeze: 'Freeze', slow: 'Slow down' };

const before: Readonly<Record<How, string>> = {
  kill: 'Its process ends at once, without a chance to clean up. The ingress notices, the other replicas take its requests, and the supervisor starts another process in its place, usually within a second or two.',
  freeze:
    'Its process stands still, with its connections open: the kind of trouble that a process list does not show. Its health check fails, so it gets no more requests, and after some seconds it is killed and replaced.',
  slow: 'For 30 seconds it gets a tenth of its time. Nothing is broken, only slow: the ingress gives it fewer requests, and the time to answer tells.',
};

/** Disturbs a replica of one's choice, and tells what became of it. */
export function Disturb({ trying, status, hows }: DisturbProps) {
  const [chosen, choose] = useState('');
  const ready = status?.place == null ? [] : replicasIn(status.place).filter(({ state }) => state === 'ready');
  const replica = ready.find(({ id }) => id === chosen) ?? best(ready, status);
  const results = trying.attempts.filter((one): one is Disturbed => !isReleased(one) && hows.includes(one.kind)).toReversed();
  return (
    <>
      {hows.map((how) => (
        <p key={how}>
          <b>{verbs[how]}:</b> {before[how]}
        </p>
      ))}
      <div className={styles.actions}>
        <Select
          label="Replica"
          value={replica?.id ?? ''}
          choices={ready.length === 0 ? [{ value: '', text: 'none is ready' }] : ready.map(({ id }) => ({ value: id, text: id }))}
          onChange={choose}
        />
        {hows.map((how) => (
          <Button
            key={how}
            kind="primary"
            busy={trying.asking === how}
            disabled={replica === undefined || trying.asking !== undefined}
            onClick={() => replica !== undefined && trying.disturb(how, replica)}
          >
            {`${verbs[how]} ${replica?.id ?? 'it'}`}
          </Button>
        ))}
      </div>
      {trying.problem !== undefined && hows.some((how) => how === trying.problem?.kind) ? (
        <ProblemView problem={trying.problem.problem} />
      ) : null}
      {results.length === 0 ? null : (
        <ol className={styles.results} aria-label="What has happened">
          {results.map((one) => (
            <Result key={`${one.at} ${one.kind}`} one={one} />
          ))}
        </ol>
      )}
    </>
  );
}

/** One that has others beside it, so that users notice nothing. */
function best(ready: readonly Replica[], status: Status | undefined): Replica | undefined {
  const crowded = status?.place?.services.find(
    ({ replicas }) => replicas.filter(({ state }) => state === 'ready').length > 1 && replicas.length > 1,
  );
  return crowded?.replicas.find(({ state }) => state === 'ready') ?? ready[0];
}

function Result({ one }: { readonly one: Disturbed }) {
  const story = useTicking(useCallback((now: number) => storyOf(one, now), [one]));
  const isWell = one.backAt !== null || story.startsWith('✓');
  return (
    <li className={styles.result} data-well={isWell}>
      <p>
        <b>{titleOf(one)}</b> <time className={styles.quiet}>{clock(one.at)}</time>
      </p>
      <p className={styles.quiet}>{one.said}</p>
      <p>{story}</p>
      {isWell ? <p>{noticedOf(one)}</p> : null}
      <span role="status" className="visually-hidden">
        {isWell ? `${titleOf(one)}. ${storyOf(one, one.at + 60_000)}` : ''}
      </span>
    </li>
  );
}
