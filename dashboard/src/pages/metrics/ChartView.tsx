import { useEffect, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Marker } from '../../../../src/server/api/index.ts';
import { clock } from '../../ui/format.ts';
import { Button, Card, classes, DataTable, type Column } from '../../ui/index.ts';
import { describe, read, tableOf, type Chart, type Series, type TableRow } from './charts.ts';
import styles from './ChartView.module.css';
import { createPlot, plotHeight } from './plot.ts';
import { useReading, type Reading } from './reading.ts';
import { useThemeVersion } from './theme-version.ts';
import type { Timeline } from './timeline.ts';

interface ChartViewProps {
  readonly chart: Chart;
  readonly timeline: Timeline;
  readonly markers: readonly Marker[];
  readonly minutes: number;
  readonly reading: Reading;
}

/** A chart, what it says at the moment that is read, and the same as a table. */
export function ChartView(props: ChartViewProps) {
  const { chart, timeline } = props;
  const [isTable, setTable] = useState(false);
  return (
    <Card
      flush
      title={chart.title}
      actions={
        <Button
          small
          kind="plain"
          aria-expanded={isTable}
          aria-label={`${isTable ? 'Chart' : 'Table'} of ${chart.title}`}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? 'Chart' : 'Table'}
        </Button>
      }
    >
      <div className={styles.body}>
        <Legend {...props} />
        {isTable ? (
          <ChartTable chart={chart} timeline={timeline} />
        ) : chart.empty === undefined ? (
          <Plot {...props} />
        ) : (
          <p className={styles.empty}>{chart.empty}</p>
        )}
      </div>
    </Card>
  );
}

/** What each line is, and its value where the charts are read. */
function Legend({ chart, reading, timeline }: ChartViewProps) {
  const index = useReading(reading) ?? timeline.times.length - 1;
  return (
    <ul className={styles.legend}>
      {chart.series.map((series) => (
        <li key={series.label}>
          <span className={classes(styles.swatch, styles[series.kind])} style={{ color: series.colour }} aria-hidden="true" />
          <span className={styles.label} title={series.label}>
            {series.label}
          </span>
          <b>{read(series.values[index] ?? null, chart)}</b>
        </li>
      ))}
    </ul>
  );
}

function Plot({ chart, timeline, markers, minutes, reading }: ChartViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const theme = useThemeVersion();
  const newest = useRef({ chart, markers, timeline, minutes });
  newest.current = { chart, markers, timeline, minutes };
  const look = chart.series.map(({ label, kind, colour }) => `${label} ${kind} ${colour}`).join('\n');
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const made = createPlot(
      element,
      {
        chart: newest.current.chart,
        width: element.clientWidth,
        reading,
        range: () => rangeOf(newest.current),
        markers: () => newest.current.markers,
        current: () => newest.current.chart,
      },
      dataOf(newest.current),
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: plotHeight }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [look, theme, reading, chart.title]);
  useEffect(() => plot.current?.setData(dataOf({ chart, timeline })), [chart, timeline, markers, minutes]);
  useEffect(() => reading.subscribe(() => follow(plot.current, reading)), [reading]);
  return <div ref={frame} className={styles.plot} style={{ height: plotHeight }} role="img" aria-label={describe(chart, timeline)} />;
}

/** The slider moves the mark of every chart. */
function follow(plot: uPlot | undefined, reading: Reading): void {
  const index = reading.get();
  if (plot === undefined || plot.cursor.idx === index) return;
  const time = index === null ? undefined : plot.data[0][index];
  plot.setCursor(time === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(time, 'x'), top: 10 }, false);
}

function rangeOf({ timeline, minutes }: { readonly timeline: Timeline; readonly minutes: number }): readonly [number, number] {
  const end = (timeline.times.at(-1) ?? Date.now()) / 1000;
  return [end - minutes * 60, end];
}

function dataOf({ chart, timeline }: { readonly chart: Chart; readonly timeline: Timeline }): uPlot.AlignedData {
  return [timeline.times.map((time) => time / 1000), ...chart.series.map((series: Series) => [...series.values])];
}

function ChartTable({ chart, timeline }: { readonly chart: Chart; readonly timeline: Timeline }) {
  const columns = useMemo<Column<TableRow>[]>(
    () => [
      { header: 'Time', cell: ({ at }) => clock(at) },
      ...chart.series.map(({ label }, index): Column<TableRow> => ({ header: label, align: 'right', cell: ({ values }) => values[index] })),
    ],
    [chart.series],
  );
  return (
    <div className={styles.table} style={{ height: plotHeight }}>
      <DataTable
        caption={`${chart.title}, newest first`}
        columns={columns}
        rows={tableOf(chart, timeline)}
        rowKey={({ at }) => String(at)}
      />
    </div>
  );
}
