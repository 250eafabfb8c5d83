import { DropdownMenu } from 'radix-ui';
import { useLocation } from 'wouter';
import type { EnvironmentSummary } from '../../../src/server/api/index.ts';
import { classes, StateBadge } from '../ui/index.ts';
import { ChevronIcon } from '../ui/icons.tsx';
import styles from './EnvironmentSwitcher.module.css';
import { samePageIn } from './pages.ts';

interface SwitcherProps {
  readonly current: string;
  /** Undefined until they are known. */
  readonly environments: readonly EnvironmentSummary[] | undefined;
}

/** Goes to the same page of another environment. */
export function EnvironmentSwitcher({ current, environments = [] }: SwitcherProps) {
  const [location, navigate] = useLocation();
  const shown = environments.find(({ name }) => name === current);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className={styles.trigger} title={shown?.title}>
        <span className={styles.current}>
          <span className={styles.name}>
            <span className="visually-hidden">Environment </span>
            {current === '' ? '\u00a0' : current}
          </span>
          <span className={styles.title}>{shown?.title ?? '\u00a0'}</span>
        </span>
        <ChevronIcon />
      </DropdownMenu.Trigger>
      {/* In the header, not at the end of the page, so that it belongs to a landmark. */}
      <DropdownMenu.Content className={styles.menu} align="start" sideOffset={4} collisionPadding={8} aria-label="Environments">
        {environments.map(({ name, title, state }) => (
          <DropdownMenu.Item
            key={name}
            className={classes(styles.item, name === current && styles.chosen)}
            onSelect={() => navigate(samePageIn(location, name))}
          >
            <span className={styles.current}>
              <span className={styles.name}>{name}</span>
              <span className={styles.title}>{title}</span>
            </span>
            <StateBadge state={state} />
          </DropdownMenu.Item>
        ))}
        <DropdownMenu.Separator className={styles.separator} />
        <DropdownMenu.Item className={styles.item} onSelect={() => navigate('/environments')}>
          All environments
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
