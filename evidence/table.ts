/** The evidence as a page. */
import type { Evidence, Outcome } from './main.ts';

export function table({ date, machine, node, command, outcomes }: Evidence): string {
  const head = ['# Evidence', '', `Written by \`${command}\` on ${date}.  `, `Machine: ${machine}; Node ${node}.`, ''];
  return [...head, ...outcomes.flatMap(section)].join('\n');
}

function section({ title, problem, result, seconds }: Outcome): string[] {
  const rows = (result?.figures ?? []).map(
    ({ what, value, bar, isMet }) => `| ${what} | ${value} | ${bar} | ${bar === '' ? '' : isMet ? 'met' : '**missed**'} |`,
  );
  const body = rows.length === 0 ? [] : ['| figure | measured | has to be | |', '| --- | ---: | ---: | --- |', ...rows];
  return [`## ${title}`, '', ...(problem === undefined ? [] : [problem, '']), ...body, '', `Took ${Math.round(seconds)} s.`, ''];
}
