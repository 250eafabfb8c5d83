import { describe, expect, it } from 'vitest';
import { exposition, type Gauges } from './exposition.ts';
import { Metrics } from './metrics.ts';

const gauges: Gauges = {
  connections: 2,
  inFlight: 1,
  held: 0,
  logLinesDropped: 3,
  tableVersion: 7,
  sets: [{ set: 'live', release: 'r1' }],
  otherSet: { found: 4, missing: 5 },
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
  expect(text).toContain('gantry_ingress_other_set_total{result="missing"} 5');
  expect(text).toContain('gantry_ingress_log_lines_dropped_total 3');
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[^}]*\})? [\d.e+-]+)$/);
});

describe('numbers by release', () => {
  const second = 1_000;
  const minute = 60 * second;

  function total(metrics: Metrics, service: string): number {
    return metrics.totals().find((one) => one.service === service)?.requests ?? 0;
  }

  it('go on when the release changes its set', () => {
    const metrics = new Metrics();
    metrics.of('web', 'r2').served(200, 1, 0, 0);
    metrics.tidy(new Set(['r1', 'r2']), 0);
    metrics.tidy(new Set(['r2']), second);
    metrics.of('web', 'r2').served(200, 1, 0, 0);
    expect(metrics.of('web', 'r2').toStats('live')).toMatchObject({ set: 'live', release: 'r2', requests: 2 });
  });

  it('are kept for a while without a set, and longer while something is in flight; totals never go back', () => {
    const metrics = new Metrics();
    const counters = metrics.of('web', 'r1');
    counters.served(200, 3, 10, 1);
    counters.cut += 1;
    counters.inFlight = 1;
    metrics.of('-').served(404, 1, 0, 0);
    metrics.tidy(new Set(['r2']), 0);
    metrics.tidy(new Set(['r2']), 9 * minute);
    expect(metrics.of('web', 'r1')).toBe(counters);
    metrics.tidy(new Set(['r2']), 11 * minute);
    expect(metrics.of('web', 'r1')).toBe(counters);
    counters.inFlight = 0;
    metrics.tidy(new Set(['r2']), 12 * minute);
    expect(metrics.services.map(({ service }) => service)).toEqual(['-']);
    metrics.of('web', 'r2').served(500, 3, 5, 0);
    const [web] = metrics.totals().filter(({ service }) => service === 'web');
    expect(web).toMatchObject({ requests: 2, bytes: 15, retries: 1, cut: 1, byClass: [0, 1, 0, 0, 1], totalMs: 6 });
    expect(web?.buckets.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('begin their time anew when the release comes back', () => {
    const metrics = new Metrics();
    metrics.of('web', 'r1').served(200, 1, 0, 0);
    metrics.tidy(new Set(['r2']), 0);
    metrics.tidy(new Set(['r1']), 9 * minute);
    metrics.tidy(new Set(['r2']), 10 * minute);
    metrics.tidy(new Set(['r2']), 19 * minute);
    expect(metrics.of('web', 'r1').requests).toBe(1);
  });

  it('stay few over a thousand releases', () => {
    const metrics = new Metrics();
    for (let at = 0; at < 1_000; at++) {
      const releases = new Set([`r${at}`, `r${at + 1}`]);
      for (const service of ['web', 'api']) for (const release of releases) metrics.of(service, release).served(200, 1, 1, 0);
      const before = total(metrics, 'web');
      metrics.tidy(releases, at * second);
      expect(total(metrics, 'web')).toBe(before);
    }
    expect(metrics.services.length).toBeLessThan(100);
    expect(total(metrics, 'web')).toBe(2_000);
    const text = exposition(metrics, gauges);
    expect(text).toContain('gantry_ingress_requests_total{service="web",class="2xx"} 2000');
    expect(text.split('\n').length).toBeLessThan(1_000);
  });
});
