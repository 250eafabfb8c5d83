import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { CloseIcon } from './icons.tsx';
import { ServicesContext, type Services, type Toast } from './services.ts';

/** A no-break space at the end of every second text makes a repeated text a change, which is what gets read out. */
const silentMark = '\u00a0';

export function ServicesProvider({ children }: { children: ReactNode }) {
  const [spoken, setSpoken] = useState('');
  const [toasts, setToasts] = useState<Toast[]>([]);
  const announce = useCallback((text: string) => setSpoken((before) => (before === text ? text + silentMark : text)), []);
  const dismiss = useCallback((id: string) => setToasts((before) => before.filter((toast) => toast.id !== id)), []);
  const toast = useCallback(
    (next: Toast) => {
      setToasts((before) => [...before.filter(({ id }) => id !== next.id), next].slice(-3));
      announce(next.action === undefined ? next.text : `${next.text}. ${next.action.label}: control Z.`);
    },
    [announce],
  );
  const services = useMemo<Services>(() => ({ announce, toast, dismiss }), [announce, toast, dismiss]);
  useUndoKey(toasts, dismiss);

  return (
    <ServicesContext value={services}>
      {children}
      <section className="toasts" aria-label="Messages">
        {toasts.map((each) => (
          <ToastCard key={each.id} toast={each} dismiss={dismiss} />
        ))}
      </section>
      <output className="unseen" aria-live="polite">
        {spoken}
      </output>
    </ServicesContext>
  );
}

/** Ctrl+Z or Cmd+Z takes the newest message's action, outside of text fields, which have an undo of their own. */
function useUndoKey(toasts: readonly Toast[], dismiss: (id: string) => void) {
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      const newest = toasts.findLast(({ action }) => action !== undefined);
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z';
      if (!isUndo || newest === undefined || isFilledField(event.target)) return;
      event.preventDefault();
      newest.action?.run();
      dismiss(newest.id);
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [toasts, dismiss]);
}

const isFilledField = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.type !== 'checkbox' && target.value !== '';

function ToastCard({ toast, dismiss }: { toast: Toast; dismiss: (id: string) => void }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const start = useCallback((ms: number) => void (timer.current = setTimeout(() => dismiss(toast.id), ms)), [toast.id, dismiss]);
  useEffect(() => {
    start(toast.time);
    return () => clearTimeout(timer.current);
  }, [start, toast.time]);
  const paused = useRef(false);
  const pause = (): void => {
    if (paused.current) return;
    paused.current = true;
    clearTimeout(timer.current);
    toast.onPause?.();
  };
  const resume = (): void => {
    if (!paused.current) return;
    paused.current = false;
    clearTimeout(timer.current);
    start(toast.time / 2);
    toast.onResume?.(toast.time / 2);
  };
  const act = (): void => {
    clearTimeout(timer.current);
    toast.action?.run();
    dismiss(toast.id);
  };
  const close = (): void => {
    toast.onResume?.(0);
    dismiss(toast.id);
  };
  // A pointer that merely rests where the message appears must not hold it: only one that moves there.
  return (
    <div className="toast" onPointerMove={pause} onPointerLeave={resume} onFocus={pause} onBlur={resume}>
      <span className="toast-text">{toast.text}</span>
      {toast.action === undefined ? null : (
        <button type="button" className="toast-action" onClick={act}>
          {toast.action.label}
        </button>
      )}
      <button type="button" className="toast-close" aria-label="Dismiss" onClick={close}>
        <CloseIcon />
      </button>
    </div>
  );
}
