/** Folders in memory for the tests of `init`: paths and their texts. */
import { isTelling, type Listing } from '../../src/app/init.ts';

/** A file's text, or its size when it is too large or no text. */
export type Content = string | number;

export function folder(files: Readonly<Record<string, Content>>, name = '/home/ana/shop'): Listing {
  const listed = Object.entries(files).map(([path, content]) => ({ path, size: typeof content === 'string' ? content.length : content }));
  const texts = Object.entries(files).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const telling = new Set(listed.filter(isTelling).map(({ path }) => path));
  return { folder: name, files: listed, texts: Object.fromEntries(texts.filter(([path]) => telling.has(path))), truncated: false };
}

export const json = (value: unknown): string => JSON.stringify(value, null, 2);

export const lock = '{}';
