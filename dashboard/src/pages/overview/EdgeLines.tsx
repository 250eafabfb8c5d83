import { memo, useEffect, useState, type RefObject } from 'react';
import { releaseColour } from '../../server/hooks.ts';
import { classes } from '../../ui/index.ts';
import { curve, speedOf, type Box, type Edge } from './edges.ts';
import styles from './EdgeLines.module.css';

interface EdgesProps {
  readonly area: RefObject<HTMLElement | null>;
  readonly edges: readonly Edge[];
}

/** Lines behind the boxes. Where the boxes lie is asked only when one of them appears, goes or changes its size. */
export function Edges({ area, edges }: EdgesProps) {
  const boxes = useBoxes(area, edges.map(({ from, to }) => `${from}>${to}`).join('\n'));
  return (
    <svg className={styles.edges} aria-hidden="true" focusable="false">
      {edges.map(({ from, to, perSecond, release }) => {
        const [start, end] = [boxes.get(from), boxes.get(to)];
        if (start === undefined || end === undefined) return null;
        return <Line key={`${from}>${to}`} path={curve(start, end)} speed={speedOf(perSecond)} release={release} />;
      })}
    </svg>
  );
}

interface LineProps {
  readonly path: string;
  readonly speed: number;
  readonly release: string | null;
}

const Line = memo(function Line({ path, speed, release }: LineProps) {
  return (
    <>
      <path d={path} className={styles.line} />
      {speed === 0 ? null : (
        <path
          d={path}
          className={classes(styles.flow, styles[`speed${speed}`])}
          data-speed={speed}
          style={{ stroke: release === null ? 'var(--accent)' : releaseColour(release) }}
        />
      )}
    </>
  );
});

/** Where the boxes stand under each other there are no lines between them: the movement is at the top of each set. */
export function Trail({ perSecond, release }: Pick<Edge, 'perSecond' | 'release'>) {
  const speed = speedOf(perSecond);
  if (speed === 0) return null;
  return (
    <svg className={styles.trail} aria-hidden="true" focusable="false">
      <line
        x1="8"
        x2="100%"
        y1="2"
        y2="2"
        className={classes(styles.flow, styles[`speed${speed}`])}
        style={{ stroke: release === null ? 'var(--accent)' : releaseColour(release) }}
      />
    </svg>
  );
}

function useBoxes(area: RefObject<HTMLElement | null>, layout: string): ReadonlyMap<string, Box> {
  const [boxes, setBoxes] = useState<ReadonlyMap<string, Box>>(new Map());
  // Not in a layout effect: the area is known only after those of what it contains.
  useEffect(() => {
    const root = area.current;
    if (root === null) return;
    const measure = (): void => setBoxes(boxesIn(root));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(root);
    for (const node of root.querySelectorAll('[data-node]')) observer.observe(node);
    return () => observer.disconnect();
  }, [area, layout]);
  return boxes;
}

function boxesIn(root: HTMLElement): Map<string, Box> {
  const origin = root.getBoundingClientRect();
  return new Map(
    [...root.querySelectorAll<HTMLElement>('[data-node]')].map((node) => {
      const { left, top, width, height } = node.getBoundingClientRect();
      return [node.dataset['node'] ?? '', { left: left - origin.left, top: top - origin.top, width, height }];
    }),
  );
}
