import { useEffect, useRef } from 'react';
import type { Reach } from '../model/board.ts';

/** Reads on when its end comes near the screen; the button is for those who do not scroll. */
export function ListFooter({ reach, loading, more }: { reach: Reach | undefined; loading: boolean; more: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  const hasMore = typeof reach?.next === 'string';
  useEffect(() => {
    if (!hasMore || loading || mark.current === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => (entry?.isIntersecting === true ? more() : undefined), { rootMargin: '600px' });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [hasMore, loading, more]);
  if (!hasMore) return null;
  return (
    <div ref={mark} className="list-footer">
      <button type="button" className="button" aria-disabled={loading} onClick={() => (loading ? undefined : more())}>
        {loading ? 'Loading more…' : 'Show more'}
      </button>
    </div>
  );
}

export function ListNotice({ message, again }: { message: string; again: () => void }) {
  return (
    <div className="notice" role="alert">
      <p>
        <strong>Your tasks could not be loaded.</strong> {message}
      </p>
      <button type="button" className="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}
