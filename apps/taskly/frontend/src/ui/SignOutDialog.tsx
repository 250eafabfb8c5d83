import { useEffect, useEffectEvent, useState } from 'react';
import type { TaskStore } from '../client/task-store.ts';
import { Dialog } from './Dialog.tsx';

type Step = { name: 'leaving' } | { name: 'unsent'; count: number } | { name: 'failed' };

const patience = 4000;

/** Signs out; asks first when something would be lost by it. */
export function SignOutDialog({ store, onLeave, onClose }: { store: TaskStore; onLeave: () => Promise<void>; onClose: () => void }) {
  const [step, setStep] = useState<Step>({ name: 'leaving' });

  async function leave(): Promise<void> {
    try {
      await onLeave();
      store.forget();
    } catch {
      setStep({ name: 'failed' });
    }
  }

  const begin = useEffectEvent(async () => {
    const count = await store.flush(patience);
    if (count === 0) await leave();
    else setStep({ name: 'unsent', count });
  });
  useEffect(() => void begin(), []);

  return (
    <Dialog title="Sign out" onClose={onClose}>
      {step.name === 'leaving' ? <p>Saving your last changes…</p> : null}
      {step.name === 'failed' ? <p>Taskly cannot be reached, so you are still signed in. Try again when you are online.</p> : null}
      {step.name === 'unsent' ? (
        <p>
          {step.count === 1 ? '1 change has' : `${step.count} changes have`} not reached the server. Signing out now would lose{' '}
          {step.count === 1 ? 'it' : 'them'}.
        </p>
      ) : null}
      <div className="dialog-buttons">
        {step.name === 'unsent' ? (
          <button type="button" className="button danger" onClick={() => void leave()}>
            Sign out and lose them
          </button>
        ) : null}
        <button type="button" className="button" onClick={onClose}>
          Stay signed in
        </button>
      </div>
    </Dialog>
  );
}
