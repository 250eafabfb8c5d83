import { useId } from 'react';
import { isName } from '../consent.ts';
import styles from './TypedName.module.css';

interface TypedNameProps {
  readonly environment: string;
  readonly typed: string;
  type(text: string): void;
}

/** Nobody types the name of an environment by accident. */
export function TypedName({ environment, typed, type }: TypedNameProps) {
  const id = useId();
  const isWrong = typed.trim() !== '' && !environment.startsWith(typed.trim());
  return (
    <div className={styles.field}>
      <label htmlFor={id}>
        Type <code className={styles.name}>{environment}</code> to go on
      </label>
      <input
        id={id}
        className={styles.input}
        value={typed}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-invalid={isWrong}
        aria-describedby={`${id}-help`}
        onChange={(event) => type(event.target.value)}
      />
      <p id={`${id}-help`} className={styles.help} data-wrong={isWrong} role="status">
        {isWrong ? 'This is not the name of the environment.' : isName(typed, environment) ? '✓ this is its name' : ' '}
      </p>
    </div>
  );
}
