/** One chart on a canvas, by uPlot. What it says is said in words beside it. */
import uPlot from 'uplot';
import type { Marker } from '../../../../src/server/api/index.ts';
import { resolvedColour } from '../../ui/index.ts';
import type { Chart, Series } from './charts.ts';
import type { Reading } from './reading.ts';

export const plotHeight = 168;

export interface PlotOptions {
  readonly chart: Chart;
  readonly width: number;
  readonly reading: Reading;
  /** From and to, s since 1970; asked whenever it is drawn. */
  range(): readonly [number, number];
  markers(): readonly Marker[];
  /** The newest form of the chart, for its formats. */
  current(): Chart;
}

const cursorKey = 'metrics';
const font = '11px system-ui, sans-serif';
const axisWidth = 64;

export function createPlot(element: HTMLElement, options: PlotOptions, data: uPlot.AlignedData): uPlot {
  const { chart, width, reading, range, current } = options;
  const [muted, grid] = [resolvedColour('var(--text-muted)'), resolvedColour('var(--border)')];
  const colours = markerColours();
  const axis: uPlot.Axis = { stroke: muted, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  return new uPlot(
    {
      width,
      height: plotHeight,
      legend: { show: false },
      padding: [18, 8, 0, 0],
      cursor: {
        sync: { key: cursorKey, setSeries: false },
        drag: { x: false, y: false },
        points: { size: 6 },
        y: false,
      },
      scales: { x: { time: true, range: () => [...range()] }, y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, chart.least)] } },
      axes: [
        { ...axis, space: 80, size: 26, values: (_plot, splits) => splits.map(clockOf) },
        {
          ...axis,
          size: axisWidth,
          space: 34,
          values: (_plot, splits) => splits.map((value) => current().tick(value)),
          ...(chart.steps === undefined ? {} : { incrs: [...chart.steps] }),
        },
      ],
      series: [{}, ...chart.series.map(seriesOf)],
      hooks: {
        setCursor: [(plot) => reading.set(plot.cursor.idx ?? null)],
        draw: [(plot) => drawMarkers(plot, options.markers(), colours)],
      },
    },
    data,
    element,
  );
}

function clockOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

function seriesOf({ label, kind, colour }: Series): uPlot.Series {
  const stroke = resolvedColour(colour);
  const paths =
    kind === 'bars'
      ? uPlot.paths.bars?.({ size: [0.8, 12], align: -1 })
      : kind === 'steps'
        ? uPlot.paths.stepped?.({ align: -1 })
        : undefined;
  return {
    label,
    stroke,
    width: kind === 'limit' ? 1 : 1.5,
    points: { show: false },
    spanGaps: false,
    ...(kind === 'limit' ? { dash: [4, 4] } : {}),
    ...(kind === 'bars' ? { fill: stroke } : {}),
    ...(paths === undefined ? {} : { paths }),
  };
}

function markerColours(): Readonly<Record<Marker['kind'], string>> {
  const [good, warn, bad] = [resolvedColour('var(--good)'), resolvedColour('var(--warn)'), resolvedColour('var(--bad)')];
  return { promoted: good, 'rolled back': warn, failed: bad, restart: warn, scale: resolvedColour('var(--text-faint)') };
}

/** A line across, and its text where there is room for it. */
function drawMarkers(plot: uPlot, markers: readonly Marker[], colours: Readonly<Record<Marker['kind'], string>>): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${10 * ratio}px system-ui, sans-serif`;
  ctx.lineWidth = ratio;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  let free = bbox.left;
  for (const { at, kind, text } of markers) {
    const x = Math.round(plot.valToPos(at / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const colour = colours[kind];
    ctx.strokeStyle = colour;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(text).width;
    if (x < free || x + width > bbox.left + bbox.width) continue;
    ctx.fillStyle = colour;
    ctx.fillText(text, x, bbox.top - 5 * ratio);
    free = x + width + 8 * ratio;
  }
  ctx.restore();
}
