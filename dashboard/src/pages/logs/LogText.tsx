import { memo } from 'react';
import { classes } from '../../ui/index.ts';
import type { Shown, Style } from './ansi.ts';
import { pieces } from './draw.ts';
import type { Range } from './matcher.ts';
import styles from './LogText.module.css';

/** A text with its colours and with what was looked for marked. */
export const LogText = memo(function LogText({ shown, hits }: { readonly shown: Shown; readonly hits: readonly Range[] }) {
  return pieces(shown, hits).map(({ text, style, isHit }, index) => {
    const look = style === undefined ? '' : lookOf(style);
    if (!isHit && look === '') return text;
    const Part = isHit ? 'mark' : 'span';
    return (
      <Part key={index} className={classes(isHit && styles.hit, look)}>
        {text}
      </Part>
    );
  });
});

function lookOf({ fg, bg, ...marks }: Style): string {
  const on = Object.keys(marks).map((mark) => styles[mark]);
  return classes(fg !== undefined && styles[`fg-${fg}`], bg !== undefined && styles[`bg-${bg}`], ...on);
}
