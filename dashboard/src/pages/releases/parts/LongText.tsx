import { useState } from 'react';
import { number } from '../../../ui/format.ts';
import { plainLine } from '../evidence.ts';
import styles from './LongText.module.css';

const shownCharacters = 600;

/** Text of others, as text; what is very long is opened when somebody wants to read it. */
export function LongText({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false);
  const plain = plainLine(text);
  if (plain.length <= shownCharacters || isOpen) return plain;
  return (
    <>
      {plain.slice(0, shownCharacters)} ...{' '}
      <button type="button" className={styles.more} onClick={() => setOpen(true)}>
        all {number(plain.length)} characters
      </button>
    </>
  );
}
