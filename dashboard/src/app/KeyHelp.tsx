import { Dialog } from '../ui/index.ts';
import { useAllActions } from './actions.ts';
import styles from './KeyHelp.module.css';

const always = [
  { keys: 'Ctrl K', title: 'Search everything, do anything' },
  { keys: 'Esc', title: 'Close what is open' },
  { keys: 'Tab', title: 'Go on to the next control' },
];

export function KeyHelp({ open, onClose }: { readonly open: boolean; onClose(): void }) {
  const actions = useAllActions();
  const rows = [...always, ...actions.flatMap(({ keys, title }) => (keys === undefined ? [] : [{ keys, title }]))];
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts">
      <dl className={styles.list}>
        {rows.map(({ keys, title }) => (
          <div key={keys} className={styles.row}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
