/**
 * What an open dashboard costs: requests per second of the ingress with and without it, and processor time at rest. Between the turns its
 * server is stopped by a signal, so that it costs nothing and goes on at once. Linux; needs wrk. BENCH_ROUNDS and BENCH_SECONDS make it longer.
 */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { report } from '../lib/table.mjs';
import { startApp, startDashboard, stopAll } from './parts.mjs';
import { processorMs } from './processor.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 16);
const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const restSeconds = 10;

async function main() {
  if (process.platform !== 'linux' || spawnSync('wrk', ['-v']).error) return console.log('not Linux, or no wrk: nothing measured');
  const app = await startApp();
  const dashboard = await startDashboard();
  const turns = { on: dashboard.goOn, off: dashboard.standStill };
  const speeds = await inTurns(turns, rounds, async () => load(app, dashboard.pid));
  const rest = await inTurns(turns, Math.max(2, Math.round(rounds / 4)), async () => atRest([app.supervisor, app.ingress, dashboard.pid]));
  print(speeds, rest);
}

/** With and without, without and with: what grows slowly meanwhile hits both alike. */
async function inTurns(turns, count, measure) {
  const found = { on: [], off: [] };
  for (let round = 0; round < count; round += 1) {
    for (const name of round % 2 === 0 ? ['on', 'off'] : ['off', 'on']) {
      await turns[name]();
      found[name].push(await measure());
    }
  }
  await turns.on();
  return found;
}

async function load({ port, ingress, supervisor }, server) {
  const [own, beside] = [meter([ingress]), meter([supervisor, server])];
  const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c50', `-d${seconds}s`, `http://127.0.0.1:${port}/`]);
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(stdout);
  if (bad) throw new Error(`port ${port}: ${bad[0]}`);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return { perSecond, microseconds: (own().ms * 1000) / requests, beside: beside().percent };
}

async function atRest(pids) {
  const used = meter(pids);
  await new Promise((resolve) => setTimeout(resolve, restSeconds * 1000));
  return used().percent;
}

/** Processor time from now on, also as percent of one core. */
function meter(pids) {
  const total = () => pids.reduce((sum, pid) => sum + processorMs(pid), 0);
  const [before, started] = [total(), performance.now()];
  return () => {
    const ms = total() - before;
    return { ms, percent: (ms / (performance.now() - started)) * 100 };
  };
}

function print(speeds, rest) {
  const pairs = (pick) => speeds.on.map((one, index) => pick(one, speeds.off[index]));
  const fewer = pairs((on, off) => (1 - on.perSecond / off.perSecond) * 100);
  const dearer = pairs((on, off) => (on.microseconds / off.microseconds - 1) * 100);
  const beside = pairs((on, off) => on.beside - off.beside);
  const [on, off] = [median(rest.on), median(rest.off)];
  const how = `One stream with all topics of an app with two replicas; ${rounds} pairs of ${seconds} s under load (wrk, 50 connections), windows of ${restSeconds} s at rest; medians, ± their standard error.`;
  report('Dashboard', how, [
    row('requests/s through the ingress, without it', `${Math.round(median(speeds.off.map(({ perSecond }) => perSecond)))}`),
    atMost('requests/s that are fewer with an open dashboard', median(fewer), 2, ` % ± ${error(fewer)} %`, ' %'),
    row('processor time of the ingress for one request that is more', `${median(dearer).toFixed(1)} % ± ${error(dearer)} %`),
    row('server and supervisor under load, more with an open dashboard', `${median(beside).toFixed(1)} % of one core`),
    row('server, supervisor and ingress at rest, without it', `${off.toFixed(1)} % of one core`),
    atMost('more with an open dashboard', on - off, 3, ' % of one core'),
  ]);
}

function row(name, value) {
  return { name, value, bar: '', ok: undefined };
}

function atMost(name, value, bar, unit, barUnit = unit) {
  return { name, value: `${value.toFixed(1)}${unit}`, bar: `<= ${bar}${barUnit}`, ok: value <= bar };
}

/** Of the median, from how far the values lie from it. */
function error(values) {
  const middle = median(values);
  const spread = median(values.map((value) => Math.abs(value - middle)));
  return ((1.4826 * 1.2533 * spread) / Math.sqrt(values.length)).toFixed(1);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

try {
  await main();
} finally {
  stopAll();
}
