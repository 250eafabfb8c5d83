import { describe, expect, it } from 'vitest';
import { historyOf, sampleAt } from '../../../../test/dashboard/metrics-data.ts';
import { chartsOf, describe as inText, mostLines, read, tableOf, type ChartsWanted } from './charts.ts';
import { timelineOf } from './timeline.ts';

const now = 1_763_746_560_000;
const history = historyOf(15, now);
const wanted: ChartsWanted = { service: undefined, percentile: 'p95', colourOf: () => 'red' };

describe('timelineOf', () => {
  it('is the history when nothing came since', () => {
    const { times, services } = timelineOf(history, [], 15);
    expect(times).toEqual(history.times);
    expect(services.get('backend')?.p99).toEqual(history.services[0]?.p99);
  });

  it('goes on with samples, and leaves out what the history has', () => {
    const { times, services } = timelineOf(history, [sampleAt(now - 1000, 1), sampleAt(now + 2000, 50), sampleAt(now + 4000, 70)], 15);
    expect(times.slice(-3)).toEqual([now, now + 2000, now + 4000]);
    expect(times.length).toBe(450);
    expect(services.get('backend')?.perSecond.slice(-2)).toEqual([50, 70]);
    expect(services.get('backend')?.memory.slice(-1)).toEqual([70 * 1024 * 1024]);
  });

  it('fills all the time that a sample is about', () => {
    const { services } = timelineOf(history, [{ ...sampleAt(now + 8000, 50), overMs: 8000 }, sampleAt(now + 10_000, 70)], 15);
    expect(services.get('backend')?.perSecond.slice(-5)).toEqual([50, 50, 50, 50, 70]);
    expect(services.get('backend')?.restarts.slice(-5)).toEqual([0, 0, 0, 0, 0]);
  });

  it('shows a pause as a gap', () => {
    const { times, services } = timelineOf(history, [sampleAt(now + 2000, 50), sampleAt(now + 8000, 70)], 15);
    expect(times.slice(-4)).toEqual([2000, 4000, 6000, 8000].map((ms) => now + ms));
    expect(services.get('backend')?.ready.slice(-4)).toEqual([1, null, null, 1]);
  });

  it('gathers several samples into one point', () => {
    const hour = historyOf(60, now);
    const { times, services } = timelineOf(
      hour,
      [2000, 4000, 6000].map((ms, index) => sampleAt(now + ms, 30 * (index + 1), index)),
      60,
    );
    expect(times.at(-1)).toBe(now + 10_000);
    expect(services.get('backend')?.perSecond.at(-1)).toBeCloseTo(60);
    expect(services.get('backend')?.restarts.at(-1)).toBe(2);
  });

  it('begins with samples alone, and knows services that are new', () => {
    const nothing = { stepMs: 2000, times: [], services: [] };
    expect(timelineOf(nothing, [], 15)).toMatchObject({ times: [] });
    const { times, services } = timelineOf(nothing, [sampleAt(now, 5), sampleAt(now + 2000, 6)], 15);
    expect(times).toEqual([now, now + 2000]);
    expect(services.get('frontend')?.perSecond).toEqual([5, 6]);
    const grown = timelineOf(historyOf(15, now, ['backend']), [sampleAt(now + 2000, 5)], 15);
    expect(grown.services.get('frontend')?.perSecond.slice(-2)).toEqual([null, 5]);
  });
});

describe('chartsOf', () => {
  const timeline = timelineOf(history, [], 15);

  it('sets services side by side, by the share of their limits', () => {
    const charts = chartsOf(timeline, wanted);
    expect(charts.map(({ title }) => title)).toEqual([
      'Requests',
      'Errors',
      'Latency, p95',
      'CPU, of the limit',
      'Memory, of the limit',
      'Ready replicas',
      'Restarts',
    ]);
    const cpu = charts[3];
    expect(cpu?.series.map(({ label }) => label)).toEqual(['backend', 'frontend']);
    expect(read(cpu?.series[0]?.values[0] ?? null, cpu ?? charts[0]!)).toMatch(/^\d+ %$/u);
  });

  it('shows one service with its percentiles and limits', () => {
    const charts = chartsOf(timeline, { ...wanted, service: 'backend' });
    expect(charts.map(({ series }) => series.map(({ label }) => label))).toEqual([
      ['requests'],
      ['errors'],
      ['p50', 'p95', 'p99'],
      ['in use', 'limit'],
      ['in use', 'limit'],
      ['ready'],
      ['restarts'],
    ]);
  });

  it('says what is not measured, and never 0', () => {
    const silent = {
      ...history,
      services: history.services.map((one) => ({
        ...one,
        cpu: one.cpu.map(() => null),
        p99: one.p99.map(() => null),
        p95: one.p95.map(() => null),
      })),
    };
    const charts = chartsOf(timelineOf(silent, [], 15), wanted);
    expect(charts.find(({ id }) => id === 'cpu')).toMatchObject({ empty: 'Not measured in this time.', series: [] });
    expect(charts.find(({ id }) => id === 'latency')?.empty).toBe('No answer was measured in this time.');
    expect(chartsOf(timeline, { ...wanted, service: 'gone' }).every(({ empty }) => empty !== undefined)).toBe(true);
  });

  it('draws the busiest of many', () => {
    const names = Array.from({ length: 30 }, (_, index) => `service-${index}`);
    const charts = chartsOf(timelineOf(historyOf(15, now, names), [], 15), wanted);
    expect(charts[0]?.series.length).toBe(mostLines);
  });

  it('tells the same in words and as a table', () => {
    const [requests] = chartsOf(timeline, wanted);
    expect(inText(requests!, timeline)).toMatch(
      /^Requests: backend now [\d.]+\/s, from [\d.]+\/s to \d+\/s; frontend .*\. Not measured for 52 s of 15 m\.$/u,
    );
    const rows = tableOf(requests!, timeline);
    expect(rows.length).toBe(20);
    expect(rows[0]).toMatchObject({ at: now });
    expect(rows.some(({ values }) => values[0] === 'not measured')).toBe(true);
  });
});
