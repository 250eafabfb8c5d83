import type { Status } from '../../../../src/server/api/index.ts';
import { useLive } from '../../server/hooks.ts';
import { ReleaseBadge, RelativeTime, StateBadge } from '../../ui/index.ts';
import { ExternalIcon } from '../../ui/icons.tsx';
import styles from './Overview.module.css';
import { isWebAddress } from './words.ts';

interface HeadlineProps {
  readonly environment: string;
  readonly status: Status | undefined;
  readonly url: string;
}

/** In a line: how it is, what serves since when, and where. */
export function Headline({ environment, status, url }: HeadlineProps) {
  const place = status?.place ?? null;
  const serving = useLive(environment, 'releases')?.find(({ live }) => live);
  const state = status?.problem == null ? (place?.state ?? 'stopped') : 'unknown';
  const address = place === null || place.url === '' ? url : place.url;
  if (status === undefined) return <span className={styles.headline}>{'\u00a0'}</span>;
  return (
    <span className={styles.headline}>
      <StateBadge state={state} label={state === 'unknown' ? 'cannot be reached' : state} />
      {address === '' ? null : <Address url={address} />}
      {place === null || place.release === null ? (
        <span>no release</span>
      ) : (
        <span>
          <ReleaseBadge release={place.release} number={status.numbers[place.release] ?? 0} />
          {serving?.ended == null ? null : (
            <span className={styles.muted}>
              {' '}
              promoted <RelativeTime at={serving.ended} /> by {serving.who}
            </span>
          )}
        </span>
      )}
    </span>
  );
}

function Address({ url }: { readonly url: string }) {
  if (!isWebAddress(url)) return <span className={styles.cut}>{url}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className={styles.address}>
      {url}
      <ExternalIcon />
      <span className="visually-hidden"> (opens in a new tab)</span>
    </a>
  );
}
