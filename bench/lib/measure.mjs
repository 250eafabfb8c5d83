/** Wall times of commands, measured in turns, so that what else the machine does hits all of them alike. */
import { spawnSync } from 'node:child_process';

/**
 * @typedef {{ name: string, argv: string[], cwd?: string }} Candidate
 * @typedef {{ median: number, min: number }} Times milliseconds
 */

/**
 * Runs every candidate once a round and gives the times of each. A candidate that fails ends the measurement.
 * @param {Candidate[]} candidates
 * @param {number} rounds
 * @param {NodeJS.ProcessEnv} env
 * @returns {Map<string, Times>}
 */
export function inTurns(candidates, rounds, env) {
  const times = new Map(candidates.map(({ name }) => [name, []]));
  for (const candidate of candidates) runOnce(candidate, env);
  for (let round = 0; round < rounds; round += 1) {
    for (const candidate of candidates) times.get(candidate.name).push(runOnce(candidate, env));
  }
  return new Map([...times].map(([name, values]) => [name, summary(values)]));
}

function runOnce({ name, argv, cwd }, env) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(argv[0], argv.slice(1), { cwd, env, encoding: 'utf8' });
  const elapsed = performance.now() - started;
  if (error || status !== 0) throw new Error(`${name} ended with ${status}: ${error?.message ?? `${stdout}${stderr}`}`);
  return elapsed;
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], min: sorted[0] };
}

/** Nothing of this shell may slow Node down: NODE_EXTRA_CA_CERTS alone costs more than the command that is measured. */
export function quietEnvironment(home) {
  return { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8' };
}
