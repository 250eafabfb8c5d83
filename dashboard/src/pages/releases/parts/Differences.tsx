import { useMemo, useState } from 'react';
import type { FileDiff } from '../../../../../src/server/api/index.ts';
import { useActions } from '../../../app/actions.ts';
import { count, number } from '../../../ui/format.ts';
import { Button, Card, Empty } from '../../../ui/index.ts';
import { diffOf, isLong, stepped, type Place } from '../diff.ts';
import styles from './Differences.module.css';
import { FileView } from './FileView.tsx';

/** Files that differ, with a way from change to change: `n` and `p`. */
export function Differences({ files }: { readonly files: readonly FileDiff[] }) {
  const diffs = useMemo(() => files.map(diffOf), [files]);
  const [place, setPlace] = useState<Place>();
  const [toggled, setToggled] = useState<ReadonlySet<number>>(new Set());
  const isOpen = (index: number): boolean => toggled.has(index) === isLong(files[index] ?? { hunks: [] });
  const open = (index: number, wanted: boolean): void => {
    if (isOpen(index) === wanted) return;
    setToggled(toggled.has(index) ? new Set([...toggled].filter((one) => one !== index)) : new Set([...toggled, index]));
  };
  const go = (by: 1 | -1): void => {
    const next = stepped(diffs, place, by);
    if (next === undefined) return;
    open(next.file, true);
    setPlace({ ...next });
  };
  useActions([
    { id: 'next change', title: 'Next change of a file', group: 'Page', keys: 'n', run: () => go(1) },
    { id: 'previous change', title: 'Previous change of a file', group: 'Page', keys: 'p', run: () => go(-1) },
  ]);
  if (files.length === 0) return <Empty title="No file differs" />;
  return (
    <>
      <Toolbar diffs={diffs} place={place} go={go} />
      {files.map((file, index) => (
        <FileView
          key={`${file.kind} ${file.path}`}
          file={file}
          diff={diffs[index] ?? { rows: [], changes: [], added: 0, removed: 0 }}
          isOpen={isOpen(index)}
          open={(wanted) => open(index, wanted)}
          current={place?.file === index ? place : undefined}
        />
      ))}
    </>
  );
}

interface ToolbarProps {
  readonly diffs: readonly ReturnType<typeof diffOf>[];
  readonly place: Place | undefined;
  go(by: 1 | -1): void;
}

function Toolbar({ diffs, place, go }: ToolbarProps) {
  const all = diffs.reduce((sum, { changes }) => sum + changes.length, 0);
  const before = diffs.slice(0, place?.file ?? 0).reduce((sum, { changes }) => sum + changes.length, 0);
  return (
    <Card flush>
      <div className={styles.toolbar}>
        <h2>
          {number(diffs.length)} {diffs.length === 1 ? 'file differs' : 'files differ'}
        </h2>
        <span className={styles.count} role="status">
          {place === undefined ? count(all, 'change') : `change ${number(before + place.change + 1)} of ${number(all)}`}
        </span>
        <Button small onClick={() => go(-1)} disabled={all === 0}>
          Previous <kbd>p</kbd>
        </Button>
        <Button small onClick={() => go(1)} disabled={all === 0}>
          Next change <kbd>n</kbd>
        </Button>
      </div>
    </Card>
  );
}
