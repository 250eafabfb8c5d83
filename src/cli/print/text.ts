/** Small pieces of text output that all commands share. */
import type { Io } from '../io.ts';

/** A line for people: not with `--json`, not with `--quiet`. */
export function say(io: Io, line = ''): void {
  if (!io.flags.json && !io.flags.quiet) write(io, `${line}\n`);
}

/** The result as JSON, when it was asked for. */
export function json(io: Io, value: unknown): void {
  if (io.flags.json) write(io, `${JSON.stringify(value, null, 2)}\n`);
}

/** What removes the line that is being rewritten, while there is one: whatever else is printed takes its place. */
let removeUnfinished: (() => void) | undefined;

/** Another line may come while one is being rewritten, from a replica that dies meanwhile for example. */
export function setUnfinished(remove: (() => void) | undefined): void {
  removeUnfinished = remove;
}

function write(io: Io, text: string): void {
  removeUnfinished?.();
  if (io.print === undefined) io.stdout.write(text);
  else io.print(text);
}

/** Columns as wide as their widest cell, separated by two spaces. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map(
    (row) =>
      indent +
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('  ')
        .trimEnd(),
  );
}

/** `0.4 s`, `12 s`, `3 m 05 s` */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `1,832` */
export function thousands(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `10:41:02`, on the clock of whoever reads it. */
export function clock(date: Date): string {
  return date.toTimeString().slice(0, 8);
}

/** `just now`, `12 min ago`, `2 h ago`, `3 days ago`. @param ms since it happened; a clock that was put back gives `just now` */
export function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** `412 MB` */
export function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`;
}

/** `1 service`, `2 services` */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
