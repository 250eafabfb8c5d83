/** The evidence as a page. */
import type { Outcome } from './main.ts';

const intro = `# Evidence

What Gantry promises about releases, measured. \`npm run evidence\` runs everything in a small size, \`npm run evidence -- PART --size long\` one part in its large one; \`--write\` writes this page. Each part
says how to repeat it with the same seed. A run that misses a bar leaves logs and journal in \`evidence/results\`.
`;

export function table(outcomes: readonly Outcome[]): string {
  return [intro, ...outcomes.flatMap(section)].join('\n');
}

function section({ title, problem, result, seconds, command, date, machine, node }: Outcome): string[] {
  const rows = (result?.figures ?? []).map(
    ({ what, value, bar, isMet }) => `| ${what} | ${value} | ${bar} | ${bar === '' ? '' : isMet ? 'met' : '**missed**'} |`,
  );
  const body = rows.length === 0 ? [] : ['| figure | measured | has to be | |', '| --- | ---: | ---: | --- |', ...rows];
  const how = `\`${command}\`, ${date}, ${Math.round(seconds)} s. ${machine}; Node ${node}.`;
  return [`## ${title}`, '', ...(problem === undefined ? [] : [problem, '']), ...body, '', how, ''];
}
