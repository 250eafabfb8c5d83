const day = 86_400_000;

const pad = (value: number): string => String(value).padStart(2, '0');

/** The calendar date of a moment where the person is, as 'YYYY-MM-DD'. */
export const localDate = (moment: Date): string => `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;

const utc = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/** Adds whole days to a calendar date; time zones and summer time play no part. */
export const addDays = (date: string, days: number): string => new Date(utc(date) + days * day).toISOString().slice(0, 10);

const daysBetween = (from: string, to: string): number => Math.round((utc(to) - utc(from)) / day);

export type Urgency = 'overdue' | 'today' | 'later';

export function urgency(due: string, today: string): Urgency {
  if (due < today) return 'overdue';
  return due === today ? 'today' : 'later';
}

const near: Record<number, string> = { [-1]: 'Yesterday', 0: 'Today', 1: 'Tomorrow' };

/** 'Today', 'Tomorrow', 'Monday' within the week, otherwise '24 Nov', with the year if it is another one. */
export function dueLabel(due: string, today: string, locale?: string): string {
  const distance = daysBetween(today, due);
  const name = near[distance];
  if (name !== undefined) return name;
  const moment = new Date(utc(due));
  if (distance > 1 && distance < 7) return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(moment);
  const year = due.slice(0, 4) === today.slice(0, 4) ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC', ...year }).format(moment);
}

/** 'Friday, 21 November', for headings and long descriptions. */
export const longDate = (date: string, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' }).format(new Date(utc(date)));

export const greeting = (hour: number): string => {
  if (hour < 5) return 'Good night';
  if (hour < 12) return 'Good morning';
  return hour < 18 ? 'Good afternoon' : 'Good evening';
};
