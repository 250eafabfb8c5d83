import { useState } from 'react';
import { setSingleKeys, singleKeysOn } from '../client/preferences.ts';
import { Dialog } from './Dialog.tsx';

const groups: { title: string; keys: [keys: string[], what: string][] }[] = [
  {
    title: 'Anywhere',
    keys: [
      [['n'], 'New task'],
      [['/'], 'Search'],
      [['?'], 'This help'],
      [['Ctrl', 'Z'], 'Undo a deletion'],
    ],
  },
  {
    title: 'On a task',
    keys: [
      [['↑', '↓'], 'Previous, next task (also k, j)'],
      [['x'], 'Complete or reopen'],
      [['e'], 'Edit'],
      [['Delete'], 'Delete'],
      [['Alt', '↑'], 'Move up'],
      [['Alt', '↓'], 'Move down'],
    ],
  },
  {
    title: 'While editing',
    keys: [
      [['Ctrl', 'Enter'], 'Save'],
      [['Esc'], 'Cancel'],
    ],
  },
];

export function Help({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(singleKeysOn);
  const change = (next: boolean): void => {
    setSingleKeys(next);
    setOn(next);
  };
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      {groups.map((group) => (
        <section key={group.title} className="shortcuts">
          <h3>{group.title}</h3>
          <dl>
            {group.keys.map(([keys, what]) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className="switch">
        <input type="checkbox" checked={on} onChange={(event) => change(event.target.checked)} />
        Shortcuts of a single letter
      </label>
    </Dialog>
  );
}
