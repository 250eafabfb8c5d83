import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './Field.module.css';

interface Choice {
  readonly value: string;
  readonly text: string;
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  /** One with the value '' says what it means when nothing is chosen. */
  readonly choices: readonly Choice[];
  onChange(value: string): void;
}

/** The browser's own list: it works with the keyboard, with a thumb, and with two hundred choices. */
export function Select({ label, value, choices, onChange }: SelectProps) {
  const isKnown = choices.some((choice) => choice.value === value);
  return (
    <label className={styles.select}>
      <span className={styles.label}>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {isKnown ? null : <option value={value}>{value}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Something that is on or off. */
export function Toggle({
  isOn,
  children,
  className,
  ...rest
}: Omit<ComponentProps<'button'>, 'aria-pressed'> & { readonly isOn: boolean; readonly children: ReactNode }) {
  return (
    <button type="button" {...rest} aria-pressed={isOn} className={classes(styles.toggle, className)}>
      {children}
    </button>
  );
}

interface ChoicesProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly text: string }[];
  onChange(value: T): void;
}

/** A few choices side by side, of which one holds. */
export function Choices<T extends string>({ label, value, choices, onChange }: ChoicesProps<T>) {
  return (
    <fieldset className={styles.choices}>
      <legend className="visually-hidden">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className={styles.choice}>
          <input
            type="radio"
            className="visually-hidden"
            name={label}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          <span>{choice.text}</span>
        </label>
      ))}
    </fieldset>
  );
}
