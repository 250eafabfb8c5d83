/** Results as a table on the terminal, and with `--write` as a section of docs/benchmarks.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'docs', 'benchmarks.md');

/**
 * @typedef {{ name: string, value: string, bar: string, ok: boolean | undefined }} Row `ok` is undefined where there is no bar
 */

/**
 * Prints, writes where asked to, and sets the exit code to 1 when a bar is missed.
 * @param {string} section heading, also the section's name in the page
 * @param {string} how one sentence: what was measured and in what way
 * @param {Row[]} rows
 */
export function report(section, how, rows) {
  const text = [
    `## ${section}`,
    `${how} ${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`,
    ['| what | measured | bar | |', '|---|---|---|---|', ...rows.map(line)].join('\n'),
  ].join('\n\n');
  console.log(`${text}\n`);
  if (process.argv.includes('--write')) writeSection(section, text);
  if (rows.some(({ ok }) => ok === false)) process.exitCode = 1;
}

function line({ name, value, bar, ok }) {
  return `| ${name} | ${value} | ${bar} | ${ok === undefined ? '' : ok ? '✓' : '✗'} |`;
}

function writeSection(section, text) {
  const [intro = '', ...sections] = (existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n').split(/^(?=## )/m);
  const others = sections.filter((other) => !other.startsWith(`## ${section}\n`));
  const all = [...others, `${text}\n`].map((one) => one.trimEnd()).toSorted();
  writeFileSync(page, `${[intro.trimEnd(), ...all].join('\n\n')}\n`);
}
