import { useEffect, useState } from 'react';
import type { Snapshot } from '../client/snapshot.ts';
import { statusOf, type Status } from '../model/status.ts';

export function StatusLine({ snapshot }: { snapshot: Snapshot }) {
  const { entries, waiting, link, failing, durable } = snapshot;
  const undecided = entries.filter(({ trouble }) => trouble !== undefined).length;
  const now = statusOf({ offline: link === 'down' || failing, waiting, undecided, durable });
  const status = useSettled(now);
  return (
    <footer className="status-line">
      <p className="status" data-tone={status.tone} data-testid="status">
        <span className="status-dot" aria-hidden="true" />
        {status.text}
      </p>
      <p className="status-hint">
        Press <kbd>?</kbd> for shortcuts
      </p>
    </footer>
  );
}

/** A change that is saved within the blink of an eye is not worth a flicker. */
function useSettled({ tone, text }: Status): Status {
  const [shown, setShown] = useState<Status>({ tone, text });
  useEffect(() => {
    const timer = setTimeout(() => setShown({ tone, text }), tone === 'busy' ? 400 : 0);
    return () => clearTimeout(timer);
  }, [tone, text]);
  return shown;
}
