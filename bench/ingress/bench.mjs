/**
 * Requests per second and added latency of the ingress, interleaved with HAProxy (one thread) and other Node proxies over the same backend.
 * `npm ci` in this folder first; needs wrk, and HAProxy for the ratio. BENCH_ROUNDS and BENCH_SECONDS make it longer.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { latency } from './latency.mjs';
import { report } from '../lib/table.mjs';
import { startHaproxy, startIngress, startNode, stopAll } from './parts.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.BENCH_SECONDS ?? 3);
const only = process.argv.slice(2).filter((word) => !word.startsWith('-'));

async function main() {
  if (spawnSync('wrk', ['-v']).error) return console.log('wrk is not installed: nothing measured');
  const candidates = await startAll();
  const speeds = new Map(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const { name, port } of candidates) speeds.get(name).push(requestsPerSecond(port));
  const delays = new Map(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const { name, port } of candidates) delays.get(name).push(await latency(port));
  print(candidates, speeds, delays);
}

async function startAll() {
  const { port: backend } = await startNode('backend.mjs');
  const ingress = await startIngress(backend);
  const candidates = [
    { name: 'direct', port: backend },
    { name: 'gantry', ...ingress },
  ];
  if (wanted('haproxy') && !spawnSync('haproxy', ['-v']).error) candidates.push({ name: 'haproxy', ...(await startHaproxy(backend)) });
  for (const name of ['fast-proxy', 'http-proxy-3', 'httpxy', '@fastify/http-proxy'].filter(wanted)) {
    candidates.push({ name, ...(await startNode('rival.mjs', name, String(backend))) });
  }
  return candidates;
}

function wanted(name) {
  return only.length === 0 || only.includes(name);
}

function requestsPerSecond(port) {
  const { stdout } = spawnSync('wrk', ['-t1', '-c50', `-d${seconds}s`, `http://127.0.0.1:${port}/api/items?page=2`], { encoding: 'utf8' });
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(stdout);
  if (bad) throw new Error(`port ${port}: ${bad[0]}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

function print(candidates, speeds, delays) {
  const speed = (name) => median(speeds.get(name));
  const added = (name, percentile) => quietest(delays.get(name), percentile) - quietest(delays.get('direct'), percentile);
  const rivals = candidates.map(({ name }) => name).filter((name) => !['direct', 'gantry', 'haproxy'].includes(name));
  const best = rivals.toSorted((a, b) => speed(b) - speed(a))[0];
  const rows = candidates.map(({ name, pid }) => ({
    name: `${name}: requests/s, added p50 and p99 at 1,000 requests/s`,
    value: `${Math.round(speed(name))}, ${added(name, 'p50').toFixed(2)} ms, ${added(name, 'p99').toFixed(2)} ms${pid === undefined ? '' : `, ${pss(pid)} MB`}`,
    bar: '',
    ok: undefined,
  }));
  if (speeds.has('haproxy')) rows.push(atLeast('requests/s, to HAProxy', speed('gantry') / speed('haproxy'), 0.4));
  if (best !== undefined) rows.push(atLeast(`requests/s, to the best Node proxy (${best})`, speed('gantry') / speed(best), 1));
  rows.push(atMost('added p50', added('gantry', 'p50'), 0.7), atMost('added p99', added('gantry', 'p99'), 4));
  const how = `One worker, 1 KB answers, 50 keep-alive connections; median speed and quietest latency of ${rounds} interleaved rounds; memory is PSS after the load.`;
  report('Ingress', how, rows);
}

function atLeast(name, value, bar) {
  return { name, value: `${value.toFixed(2)}x`, bar: `>= ${bar}x`, ok: value >= bar };
}

function atMost(name, value, bar) {
  return { name, value: `${value.toFixed(2)} ms`, bar: `<= ${bar} ms`, ok: value <= bar };
}

function pss(pid) {
  try {
    return Math.round(Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024);
  } catch {
    return 'not measured';
  }
}

/** Whatever else the machine does only ever adds to a latency. */
function quietest(samples, percentile) {
  return Math.min(...samples.map((sample) => sample[percentile]));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

try {
  await main();
} finally {
  stopAll();
}
