import { Command } from 'cmdk';
import { Dialog } from 'radix-ui';
import { groups, useAllActions } from './actions.ts';
import styles from './Palette.module.css';

/** Everything that can be done here, found by its name. */
export default function Palette({ onClose }: { onClose(): void }) {
  const actions = useAllActions().filter(({ id }) => id !== 'search');
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <div className={styles.backdrop} />
        <Dialog.Content
          className={styles.palette}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            // What was chosen may have taken the focus by now: the next page, or a dialog.
            if (document.activeElement !== document.body) event.preventDefault();
          }}
        >
          <Dialog.Title className="visually-hidden">Search and commands</Dialog.Title>
          <Command label="Search and commands" loop>
            <Command.Input className={styles.input} placeholder="Go to a page, a log, an environment; or change something" />
            <Command.List className={styles.list} label="Matches">
              <Command.Empty className={styles.empty}>Nothing has that name.</Command.Empty>
              {groups.map((group) => (
                <Command.Group key={group} heading={group} className={styles.group}>
                  {actions
                    .filter((action) => action.group === group)
                    .map(({ id, title, words = '', keys, run }) => (
                      <Command.Item
                        key={id}
                        value={id}
                        keywords={[title, group, words]}
                        className={styles.item}
                        onSelect={() => {
                          onClose();
                          run();
                        }}
                      >
                        <span className={styles.title}>{title}</span>
                        {keys === undefined ? null : (
                          <span className={styles.keys} aria-hidden="true">
                            {keys.split(' ').map((key) => (
                              <kbd key={key}>{key}</kbd>
                            ))}
                          </span>
                        )}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
