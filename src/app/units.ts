/** Durations and sizes as the schema lets them through, in milliseconds and bytes. */

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const bytes: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** `5m` -> 300000 */
export function toMilliseconds(duration: string): number {
  return scaled(duration, milliseconds);
}

/** `128Mi` -> 134217728 */
export function toBytes(size: string): number {
  return scaled(size, bytes);
}

function scaled(text: string, units: Readonly<Record<string, number>>): number {
  const digits = Number.parseInt(text, 10);
  return digits * (units[text.slice(String(digits).length)] ?? Number.NaN);
}
