/** Which action a series of key presses means; pure. */

export interface Press {
  readonly key: string;
  /** Milliseconds. */
  readonly at: number;
}

/** The second key of two has to come within this time. */
const pauseMs = 1200;

/**
 * @param before the key pressed before this one, if any
 * @param known every `keys` there is
 * @returns what was meant: the `keys` of an action, or undefined
 */
export function meant(before: Press | undefined, press: Press, known: ReadonlySet<string>): string | undefined {
  const both = before !== undefined && press.at - before.at <= pauseMs ? `${before.key} ${press.key}` : '';
  if (known.has(both)) return both;
  return known.has(press.key) ? press.key : undefined;
}

/** Whether the key belongs to what has the focus: text that is written, or a list that finds by letters. */
export function isTyping(target: {
  readonly tagName?: string;
  readonly isContentEditable?: boolean;
  readonly role?: string | null;
}): boolean {
  if (target.isContentEditable === true) return true;
  return (
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName ?? '') || ['menuitem', 'menu', 'menuitemradio'].includes(target.role ?? '')
  );
}
