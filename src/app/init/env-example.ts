/** The example of an environment file: names that the program wants, and harmless values. `.env` itself is never read. */
import type { View } from './listing.ts';
import type { Read } from './part.ts';

const names = ['.env.example', '.env.sample', '.env.template', '.env.dist'];

export function declaredReads(view: View): readonly Read[] {
  const file = view.first(...names);
  const text = file === undefined ? undefined : view.text(file);
  return file === undefined || text === undefined
    ? []
    : text
        .split(/\r?\n/)
        .slice(0, 500)
        .flatMap((line) => toRead(line, file));
}

function toRead(line: string, file: string): readonly Read[] {
  const [, name, raw = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w{0,80})\s*=\s*([^\n]{0,500})$/.exec(line) ?? [];
  if (name === undefined) return [];
  const quoted = /^(["'])([^\n]*?)\1\s*(?:#[^\n]*)?$/.exec(raw.trim());
  const value = quoted ? (quoted[2] ?? '') : raw.replace(/(^|\s)#[^\n]*$/, '').trim();
  return [{ name, where: file, fallback: value, declared: true }];
}
