import type { FileDiff } from '../../../../../src/server/api/index.ts';
import { Badge, Button, Card, type Tone } from '../../../ui/index.ts';
import { number } from '../../../ui/format.ts';
import { isLong, sizeText, type Diff, type Place } from '../diff.ts';
import { DiffLines } from './DiffLines.tsx';
import styles from './FileView.module.css';

interface FileViewProps {
  readonly file: FileDiff;
  readonly diff: Diff;
  readonly isOpen: boolean;
  open(wanted: boolean): void;
  /** The change that somebody has gone to, if it is in this file. */
  readonly current: Place | undefined;
}

const tones: Readonly<Record<FileDiff['kind'], Tone>> = { added: 'good', removed: 'bad', changed: 'info' };
const signs: Readonly<Record<FileDiff['kind'], string>> = { added: '+', removed: '-', changed: '~' };

/** One file with its differences; a long one is opened when somebody wants to see it. */
export function FileView({ file, diff, isOpen, open, current }: FileViewProps) {
  return (
    <Card
      flush
      title={<code className={styles.path}>{file.path}</code>}
      actions={
        <>
          <Badge tone={tones[file.kind]} symbol={signs[file.kind]}>
            {file.kind}
          </Badge>
          <span className={styles.size}>{sizeText(diff)}</span>
          <Button
            small
            kind="plain"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Fold' : 'Show'} ${file.path}`}
            onClick={() => open(!isOpen)}
          >
            {isOpen ? 'Fold' : 'Show'}
          </Button>
        </>
      }
    >
      {isOpen ? (
        <DiffLines path={file.path} diff={diff} current={current} isLong={isLong(file)} />
      ) : (
        <p className={styles.folded}>
          {number(diff.rows.length)} lines{' '}
          <Button small onClick={() => open(true)}>
            Show them
          </Button>
        </p>
      )}
    </Card>
  );
}
