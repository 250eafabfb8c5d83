import { useCallback, useSyncExternalStore } from 'react';
import { serverNow } from '../server/clock.ts';
import { ago, dateTime } from './format.ts';

const ticking = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for everything that tells how long ago something was. */
function onTick(listener: () => void): () => void {
  ticking.add(listener);
  timer ??= setInterval(() => ticking.forEach((each) => each()), 1000);
  return () => {
    ticking.delete(listener);
    if (ticking.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** A text that depends on the time; drawn anew only when the text changes. @param text from the milliseconds since 1970 */
export function useTicking(text: (now: number) => string): string {
  return useSyncExternalStore(
    onTick,
    useCallback(() => text(Date.now()), [text]),
  );
}

/** `3 min ago` by the server's clock, with the exact time on hover. @param at ISO 8601 or milliseconds since 1970 */
export function RelativeTime({ at }: { readonly at: string | number }) {
  const time = new Date(at).getTime();
  const text = useTicking(useCallback(() => ago(Math.max(0, serverNow() - time)), [time]));
  if (Number.isNaN(time)) return <>{at}</>;
  return (
    <time dateTime={new Date(time).toISOString()} title={dateTime(time)}>
      {text}
    </time>
  );
}
