import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

export interface MenuItem {
  label: string;
  hint?: string;
  disabled?: boolean;
  danger?: boolean;
  run: () => void;
}

interface MenuProps {
  label: string;
  className?: string;
  button: ReactNode;
  items: readonly MenuItem[];
  /** Shown above the items, not a choice. */
  heading?: ReactNode;
}

/** A button that opens a list of commands: arrow keys move, Escape and a click elsewhere close, the focus comes back. */
export function Menu({ label, className, button, items, heading }: MenuProps) {
  const id = useId();
  const [open, setOpen] = useState<'no' | 'below' | 'above'>('no');
  const frame = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useOutsideClose(frame, open !== 'no', () => setOpen('no'));

  useEffect(() => {
    if (open !== 'no') frame.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [open]);

  const toggle = (): void => {
    const bottom = opener.current?.getBoundingClientRect().bottom ?? 0;
    setOpen(open === 'no' ? (bottom + 230 > innerHeight ? 'above' : 'below') : 'no');
  };
  const close = (): void => {
    setOpen('no');
    opener.current?.focus();
  };
  const choose = (item: MenuItem): void => {
    close();
    item.run();
  };

  return (
    // Keys bubble up from the button and the items.
    <div className={`menu ${className ?? ''}`} ref={frame} onKeyDown={(event) => onMenuKey(event, open !== 'no', close)}>
      <button
        ref={opener}
        type="button"
        className="icon-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open !== 'no'}
        aria-controls={id}
        onClick={toggle}
      >
        {button}
      </button>
      <div className="menu-sheet" data-side={open} hidden={open === 'no'}>
        {heading === undefined ? null : <div className="menu-heading">{heading}</div>}
        <div id={id} role="menu" aria-label={label}>
          {items.map((item) => (
            <MenuButton key={item.label} item={item} choose={choose} />
          ))}
        </div>
      </div>
    </div>
  );
}

function MenuButton({ item, choose }: { item: MenuItem; choose: (item: MenuItem) => void }) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className="menu-item"
      data-danger={item.danger === true ? '' : undefined}
      aria-disabled={item.disabled === true}
      onClick={() => (item.disabled === true ? undefined : choose(item))}
    >
      <span>{item.label}</span>
      {item.hint === undefined ? null : <kbd aria-hidden="true">{item.hint}</kbd>}
    </button>
  );
}

function onMenuKey(event: KeyboardEvent<HTMLDivElement>, open: boolean, close: () => void): void {
  if (!open) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const index = items.indexOf(document.activeElement as HTMLElement);
  const targets: Record<string, number> = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 };
  const target = targets[event.key];
  if (event.key === 'Escape' || event.key === 'Tab') close();
  if (target !== undefined) items.at(target % items.length)?.focus();
  if (target !== undefined || event.key === 'Escape') event.preventDefault();
  event.stopPropagation();
}

function useOutsideClose(frame: { current: HTMLElement | null }, active: boolean, close: () => void): void {
  useEffect(() => {
    if (!active) return undefined;
    const listener = (event: PointerEvent): void => {
      if (!(event.target instanceof Node && frame.current?.contains(event.target))) close();
    };
    document.addEventListener('pointerdown', listener);
    return () => document.removeEventListener('pointerdown', listener);
  });
}
