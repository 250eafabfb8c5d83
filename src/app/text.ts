/** From bytes to text that a YAML reader may see: size, encoding and characters are judged before anything is parsed. */
import type { Placed, Position, Problem } from './issue.ts';

/** Largest file that is read, in bytes. Callers should look at a file's size before they read it. */
export const maxFileBytes = 1024 * 1024;

export type Decoded = { readonly text: string } | { readonly problem: Placed };

export function decode(input: string | Uint8Array): Decoded {
  if (input.length > maxFileBytes) return refused(tooLarge(input.length));
  const text = typeof input === 'string' ? input : decodeBytes(input);
  return typeof text === 'string' ? checkCharacters(text.startsWith('\uFEFF') ? text.slice(1) : text) : text;
}

/** Also for a file that the caller did not read because of its size. */
export function tooLarge(bytes: number): Placed {
  const size = `${(bytes / maxFileBytes).toFixed(1)} MiB`;
  return placed(
    'GA1009',
    `the file has ${size}; at most 1 MiB is read`,
    'keep only the description of the app in this file; data and generated content belong elsewhere',
  );
}

function decodeBytes(bytes: Uint8Array): string | Decoded {
  if (looksUtf16(bytes))
    return refused(
      placed(
        'GA1002',
        'the file is UTF-16 text',
        'save it as UTF-8 (in an editor: "Save with encoding"; in a terminal: iconv -f UTF-16 -t UTF-8)',
      ),
    );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const position = positionAt(validPrefix(bytes), Infinity);
    return refused({ ...placed('GA1002', 'a byte here is no UTF-8 text', 'save the file as UTF-8'), position });
  }
}

/** A byte order mark, or zero bytes in every second place of the first characters. */
function looksUtf16(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const unmarked = bytes.length >= 4 && ((first === 0 && third === 0 && second !== 0) || (second === 0 && fourth === 0 && first !== 0));
  return marked || unmarked;
}

/** The text before the first byte that is no UTF-8. */
function validPrefix(bytes: Uint8Array): string {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decodes(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return new TextDecoder().decode(bytes.subarray(0, low));
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const unprintable =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u0080-\u0084\u0086-\u009F\uFEFF\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

function checkCharacters(text: string): Decoded {
  const hit = unprintable.exec(text);
  if (hit === null) return { text };
  const code = hit[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return refused({
    ...placed(
      'GA1002',
      `the character U+${code} cannot be part of this file`,
      'delete it; inside of double quotes it can be written as an escape',
    ),
    position: positionAt(text, hit.index),
  });
}

/** Line and column, both from 1, of an offset in the text. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function placed(code: Problem['code'], message: string, fix: string): Placed {
  return { code, path: [], message, fix, position: { line: 1, column: 1 } };
}

function refused(problem: Placed): Decoded {
  return { problem };
}
