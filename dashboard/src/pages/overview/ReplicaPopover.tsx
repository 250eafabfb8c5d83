import { Popover } from 'radix-ui';
import { useEffect, useMemo, type ReactNode, type RefObject } from 'react';
import type { PlaceStatus, Replica, ReplicaSample, Status } from '../../../../src/server/api/index.ts';
import { askChange } from '../../app/changes.ts';
import { pathIn, useLive } from '../../server/hooks.ts';
import { bytes, cores, duration, number as formatNumber, percent, rate } from '../../ui/format.ts';
import { Button, IconButton, LinkButton, NotMeasured, ReleaseBadge, RelativeTime, StateBadge } from '../../ui/index.ts';
import { Cross } from '../../ui/icons.tsx';
import styles from './ReplicaPopover.module.css';
import { toneOfReplica } from './words.ts';

interface PopoverProps {
  readonly environment: string;
  readonly area: RefObject<HTMLElement | null>;
  readonly place: PlaceStatus;
  readonly numbers: Status['numbers'];
  /** Id of the replica. */
  readonly selected: string | null;
  onClose(): void;
}

/** Everything that is known of one replica, beside it. */
export function ReplicaPopover({ environment, area, place, numbers, selected, onClose }: PopoverProps) {
  const found = selected === null ? undefined : findReplica(place, selected);
  const isGone = selected !== null && found === undefined;
  useEffect(() => {
    if (isGone) onClose();
  });
  const anchor = useMemo(
    () => ({ current: { getBoundingClientRect: () => cellOf(area.current, selected)?.getBoundingClientRect() ?? new DOMRect() } }),
    [area, selected],
  );
  if (found === undefined) return null;
  const [service, replica] = found;
  return (
    <Popover.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Popover.Anchor virtualRef={anchor} />
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          sideOffset={8}
          collisionPadding={12}
          aria-label={`Replica ${replica.id}`}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            cellOf(area.current, selected)?.focus();
          }}
        >
          <ReplicaDetails
            environment={environment}
            service={service}
            replica={replica}
            number={numbers[replica.release]}
            onClose={onClose}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function findReplica({ services, next }: PlaceStatus, id: string): readonly [service: string, replica: Replica] | undefined {
  for (const { name, replicas } of [...services, ...(next?.services ?? [])]) {
    const replica = replicas.find((each) => each.id === id);
    if (replica !== undefined) return [name, replica];
  }
  return undefined;
}

function cellOf(area: HTMLElement | null, id: string | null): HTMLElement | undefined {
  return [...(area?.querySelectorAll<HTMLElement>('[data-replica]') ?? [])].find((cell) => cell.dataset['replica'] === id);
}

interface DetailsProps {
  readonly environment: string;
  readonly service: string;
  readonly replica: Replica;
  readonly number: number | undefined;
  onClose(): void;
}

function ReplicaDetails({ environment, service, replica, number, onClose }: DetailsProps) {
  const sample = useLive(environment, 'sample');
  const measured = sample === undefined || 'unsupported' in sample ? undefined : sample.replicas.find(({ id }) => id === replica.id);
  const logs = `${pathIn(environment, 'logs')}?replica=${encodeURIComponent(replica.id)}`;
  return (
    <>
      <div className={styles.head}>
        <h3 className={styles.id}>{replica.id}</h3>
        <IconButton label="Close" onClick={onClose}>
          <Cross />
        </IconButton>
      </div>
      <p className={styles.badges}>
        <StateBadge state={replica.state} tone={toneOfReplica(replica)} />
        <ReleaseBadge release={replica.release} {...(number === undefined ? {} : { number })} />
      </p>
      {replica.detail === undefined ? null : <p className={styles.detail}>{replica.detail}</p>}
      <Facts replica={replica} measured={measured} />
      <div className={styles.foot}>
        <LinkButton href={logs} kind="primary">
          Logs
        </LinkButton>
        <Button
          onClick={() => {
            onClose();
            askChange({ kind: 'restart', service });
          }}
        >
          Restart {service}
        </Button>
      </div>
    </>
  );
}

function Facts({ replica, measured }: { readonly replica: Replica; readonly measured: ReplicaSample | undefined }) {
  const { pid, port, since, readyMs, restarts, inFlight } = replica;
  return (
    <dl className={styles.facts}>
      <Fact label="process">{pid === 0 ? 'none' : pid}</Fact>
      <Fact label="port">{port === 0 ? 'none' : port}</Fact>
      <Fact label="started">
        <RelativeTime at={since} />
      </Fact>
      <Fact label="ready after">{readyMs === undefined ? '-' : duration(readyMs)}</Fact>
      <Fact label="restarts">{formatNumber(restarts)}</Fact>
      <Fact label="in flight">{formatNumber(inFlight)}</Fact>
      <Fact label="requests">{measured === undefined ? <NotMeasured /> : rate(measured.perSecond)}</Fact>
      <Fact label="failures">{measured === undefined ? <NotMeasured /> : rate(measured.failures)}</Fact>
      <Fact label="CPU">
        {measured?.cpu == null ? <NotMeasured /> : usage(cores(measured.cpu), cores(measured.cpuLimit), measured.cpu / measured.cpuLimit)}
      </Fact>
      <Fact label="memory">
        {measured?.memory == null ? (
          <NotMeasured />
        ) : (
          usage(bytes(measured.memory), bytes(measured.memoryLimit), measured.memory / measured.memoryLimit)
        )}
      </Fact>
    </dl>
  );
}

/** `0.06 of 0.25 (24 %)` */
function usage(used: string, limit: string, part: number): string {
  return `${used} of ${limit}${Number.isFinite(part) ? ` (${percent(part * 100)})` : ''}`;
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
