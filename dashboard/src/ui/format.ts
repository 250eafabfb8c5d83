/** Numbers and times as people read them; the same everywhere. */

const thousands = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** `12,400` */
export function number(value: number): string {
  return thousands.format(value);
}

/** `1 replica`, `2 replicas` */
export function count(value: number, thing: string): string {
  return `${number(value)} ${thing}${value === 1 ? '' : 's'}`;
}

/** Two or three digits that matter: `0.4`, `12`, `1,240`. */
export function short(value: number): string {
  if (value === 0) return '0';
  if (value < 0.1) return '<0.1';
  return value < 10 ? trim(value.toFixed(1)) : number(value);
}

/** Requests each second: `41/s`. */
export function rate(perSecond: number): string {
  return `${short(perSecond)}/s`;
}

/** @param value 0 to 100 */
export function percent(value: number): string {
  if (value > 0 && value < 0.1) return `${trim(value.toFixed(2))} %`;
  return `${value < 10 ? trim(value.toFixed(1)) : Math.round(value)} %`;
}

/** `256 MiB` */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${unit === 0 || rest >= 10 ? Math.round(rest) : trim(rest.toFixed(1))} ${units[unit]}`;
}

/** Cores in use: `0.25`. */
export function cores(value: number): string {
  return value < 0.01 && value > 0 ? '<0.01' : trim(value.toFixed(2));
}

/** A time to answer: `0.8 ms`, `41 ms`, `1.2 s`. */
export function latency(ms: number): string {
  if (ms < 10) return `${trim(ms.toFixed(1))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${trim((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))} s`;
}

/** `0.4 s`, `12 s`, `1 m 12 s`, `2 h 5 m`, `3 d 4 h` */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${trim(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} m${rest(whole % 60, 's')}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${rest(minutes % 60, 'm')}`;
  return `${Math.floor(hours / 24)} d${rest(hours % 24, 'h')}`;
}

/** `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago` */
export function ago(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Time of day here: `10:41:02`. */
export function clock(at: string | number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** `12 Nov 2026, 10:41:02` */
export function dateTime(at: string | number): string {
  return new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

function trim(text: string): string {
  return text.replace(/\.0+$|(\.\d*[1-9])0+$/, '$1');
}

function rest(value: number, unit: string): string {
  return value === 0 ? '' : ` ${value} ${unit}`;
}
