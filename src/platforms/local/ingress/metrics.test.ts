import { expect, it } from 'vitest';
import { exposition, type Gauges } from './exposition.ts';
import { Metrics } from './metrics.ts';

const gauges: Gauges = {
  connections: 2,
  inFlight: 1,
  held: 0,
  logLinesDropped: 3,
  tableVersion: 7,
  sets: [{ set: 'live', release: 'r1' }],
  replicas: [{ id: 'a-1', service: 'a', inFlight: 1, requests: 9, failures: 2 }],
};

it('counts by class and duration', () => {
  const metrics = new Metrics();
  const counters = metrics.of('a', 'r1');
  counters.served(200, 0.5, 10, 0);
  counters.served(204, 3, 0, 1);
  counters.served(502, 40_000, 5, 0);
  expect(metrics.of('a', 'r1')).toBe(counters);
  expect(counters.toStats('live')).toMatchObject({ requests: 3, bytes: 15, retries: 1, byClass: [0, 2, 0, 0, 1] });
  expect(counters.buckets.at(-1)).toBe(1);
});

it('writes text that Prometheus reads', () => {
  const metrics = new Metrics();
  metrics.of('we"ird', 'r1').served(200, 3, 10, 0);
  metrics.upstreamError('connect');
  metrics.reject(400);
  const text = exposition(metrics, gauges);
  expect(text).toContain('gantry_ingress_requests_total{service="we\\"ird",class="2xx"} 1');
  expect(text).toContain('gantry_ingress_request_duration_seconds_bucket{service="we\\"ird",le="0.002"} 0');
  expect(text).toContain('gantry_ingress_request_duration_seconds_bucket{service="we\\"ird",le="0.005"} 1');
  expect(text).toContain('gantry_ingress_request_duration_seconds_bucket{service="we\\"ird",le="+Inf"} 1');
  expect(text).toContain('gantry_ingress_upstream_errors_total{kind="connect"} 1');
  expect(text).toContain('gantry_ingress_rejected_total{status="400"} 1');
  expect(text).toContain('gantry_ingress_log_lines_dropped_total 3');
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[^}]*\})? [\d.e+-]+)$/);
});
