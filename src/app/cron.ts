/** Cron expressions: minute, hour, day of the month, month, day of the week. */

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
  { name: 'minute', low: 0, high: 59, words: [] },
  { name: 'hour', low: 0, high: 23, words: [] },
  { name: 'day of the month', low: 1, high: 31, words: [] },
  { name: 'month', low: 1, high: 12, words: months },
  { name: 'day of the week', low: 0, high: 7, words: days },
];

const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

export interface CronProblem {
  readonly message: string;
  readonly fix: string;
}

/** What is wrong with an expression; nothing if it can be used. */
export function cronProblem(expression: string): CronProblem | undefined {
  const values = expression.trim().split(/\s+/);
  const macro = macros[values[0]?.toLowerCase() ?? ''];
  if (macro !== undefined) return { message: `${values[0]} is not understood everywhere`, fix: `write '${macro}'` };
  if (values.length !== 5)
    return {
      message: `a cron expression has 5 fields, this one has ${values.length}`,
      fix: "write minute, hour, day of the month, month and day of the week, for example '15 3 * * *'",
    };
  const wrong = fields.find((field, index) => !isField(values[index] ?? '', field));
  return wrong === undefined
    ? impossible(values)
    : {
        message: `${JSON.stringify(values[fields.indexOf(wrong)])} is no ${wrong.name}`,
        fix: `write a value from ${wrong.low} to ${wrong.high}, a range such as ${wrong.low}-${wrong.high}, a list, a step such as */5, or *`,
      };
}

function isField(text: string, field: Field): boolean {
  return text.length <= 200 && text.split(',').every((item) => isItem(item, field));
}

function isItem(item: string, field: Field): boolean {
  const [range = '', step, ...rest] = item.split('/');
  if (rest.length > 0 || (step !== undefined && !isStep(step, field))) return false;
  if (range === '*') return true;
  const bounds = range.split('-').map((bound) => valueOf(bound, field));
  const [low = Number.NaN, high = low] = bounds;
  return bounds.length <= 2 && low >= field.low && high <= field.high && low <= high && (step === undefined || bounds.length === 2);
}

function isStep(step: string, field: Field): boolean {
  return /^[1-9][0-9]?$/.test(step) && Number(step) <= field.high;
}

function valueOf(text: string, field: Field): number {
  const word = field.words.indexOf(text.toLowerCase());
  if (word >= 0) return word + field.low;
  return /^[0-9]{1,2}$/.test(text) ? Number(text) : Number.NaN;
}

const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A plain day in plain months that never have it, such as 30 February. */
function impossible(values: readonly string[]): CronProblem | undefined {
  const [, , day = '', month = '', weekday] = values;
  if (weekday !== '*' || !/^[0-9]+$/.test(day) || !/^[0-9]+$/.test(month)) return undefined;
  const most = longest[Number(month) - 1] ?? 31;
  return Number(day) <= most
    ? undefined
    : { message: `month ${month} has no day ${day}, so the job would never run`, fix: `write a day from 1 to ${most}` };
}
