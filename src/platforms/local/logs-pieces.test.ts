/** The small parts of reading logs: lines of bytes, the index of times, and what it says. */
import { describe, expect, it } from 'vitest';
import { indexText, parseIndex, shifted, spanText, thinned } from './logs-index.ts';
import { LineSplitter, longestLine, type RawLine } from './logs-lines.ts';
import { isSelected, streamOf } from './logs-sources.ts';
import { Times } from './logs-times.ts';

describe('lines of bytes', () => {
  const split = (...chunks: readonly (string | Buffer)[]): RawLine[] => {
    const splitter = new LineSplitter();
    const lines: RawLine[] = [];
    let offset = 0;
    for (const chunk of chunks.map((one) => Buffer.from(one))) {
      lines.push(...splitter.feed(chunk, offset));
      offset += chunk.length;
    }
    const rest = splitter.end();
    return rest === undefined ? lines : [...lines, rest];
  };

  it('know where they begin, however they are cut into chunks', () => {
    const whole = [
      { start: 0, text: 'a' },
      { start: 2, text: '' },
      { start: 3, text: 'grüße' },
      { start: 11, text: 'end' },
    ];
    const bytes = Buffer.from('a\n\ngrüße\nend');
    expect(split(bytes)).toEqual(whole);
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(split(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole);
    expect(split(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it('have what is no text replaced, and everything else left as it is', () => {
    expect(split(Buffer.from([0x61, 0xff, 0x00, 0x1b, 0x5b, 0x6d, 0x0a]))).toEqual([{ start: 0, text: 'a\ufffd\u0000\u001b[m' }]);
  });

  it('that are too long are cut between characters, and their length is told', () => {
    const emoji = '\u{1f600}';
    const [line, next] = split(`x${emoji.repeat(longestLine / 2)}`, emoji, '\nnext\n');
    expect(line?.characters).toBe(1 + longestLine + 2);
    expect(Buffer.byteLength(line?.text ?? '')).toBeLessThanOrEqual(longestLine);
    expect(line?.text.endsWith(emoji)).toBe(true);
    expect(next?.text).toBe('next');
    expect(split('y'.repeat(longestLine), '\n')[0]).toEqual({ start: 0, text: 'y'.repeat(longestLine) });
  });
});

describe('the index of times', () => {
  const noon = Date.parse('2026-05-04T12:00:00Z');

  it('is read as it is written', () => {
    const index = { cut: { number: 3, from: 50, size: 150 }, spans: [{ start: 0, end: 40, at: noon }] };
    expect(parseIndex(indexText(index))).toEqual(index);
  });

  it('is believed as far as it makes sense', () => {
    const lines = [
      '',
      'nonsense',
      `5 ${noon}`,
      '1 2 3',
      `40 ${noon + 1} 60`,
      `50 ${noon + 2} 70`,
      `90 ${noon + 3} 80`,
      `100 ${noon + 4} 1`,
    ];
    expect(parseIndex(lines.map((line) => `${line}\n`).join('') + spanText({ start: 70, end: 99, at: noon + 5 }).slice(0, -1))).toEqual({
      spans: [
        { start: 5, end: 40, at: noon },
        { start: 40, end: 50, at: noon + 1 },
        { start: 50, end: 70, at: noon + 2 },
      ],
    });
    const begunAnew = `0 ${noon} 40\n40 ${noon + 1} 90\n0 ${noon + 2} 10\n`;
    expect(parseIndex(begunAnew).spans).toEqual([{ start: 0, end: 10, at: noon + 2 }]);
    expect(parseIndex('\u0000'.repeat(5000)).spans).toEqual([]);
  });

  it('goes with the part that is cut off', () => {
    const spans = [
      { start: 0, end: 40, at: 1 },
      { start: 40, end: 90, at: 2 },
      { start: 90, end: Number.POSITIVE_INFINITY, at: 3 },
    ];
    expect(shifted(spans, 50, 120)).toEqual([
      { start: 0, end: 40, at: 2 },
      { start: 40, end: 70, at: 3 },
    ]);
  });

  it('becomes coarser where it is old, when it is long', () => {
    const spans = Array.from({ length: 8 }, (_none, at) => ({ start: at * 10, end: at * 10 + 10, at }));
    expect(thinned(spans).map(({ start, end, at }) => [start, end, at])).toEqual([
      [0, 20, 1],
      [20, 40, 3],
      [40, 60, 5],
      [60, 70, 6],
      [70, 80, 7],
    ]);
  });
});

describe('times of lines', () => {
  const noon = Date.parse('2026-05-04T12:00:00Z');
  const file = { size: 1000, mtimeMs: noon + 9000, birthtimeMs: noon - 1e6 };
  const spans = [
    { start: 0, end: 100, at: noon },
    { start: 200, end: 300, at: noon + 5000 },
  ];
  const times = new Times({ spans }, file, noon + 10_000);

  it('are those of the index; what it does not have yet was written last', () => {
    expect(times.of(0)).toEqual({ at: '2026-05-04T12:00:00.000Z', order: noon });
    expect(times.of(99).order).toBe(noon);
    expect(times.of(250).at).toBe('2026-05-04T12:00:05.000Z');
    expect(times.of(300).at).toBe('2026-05-04T12:00:09.000Z');
    expect(times.of(0).order).toBe(noon);
  });

  it('are not made up for what was never noted, which still has its place', () => {
    expect(times.of(150)).toEqual({ order: noon + 5000 });
    expect(new Times({ spans: [] }, file, noon + 10_000).of(0)).toEqual({ order: file.mtimeMs });
  });

  it('of a young file need no index', () => {
    expect(new Times({ spans: [] }, { ...file, birthtimeMs: noon + 8000 }, noon + 10_000).of(5).at).toBe('2026-05-04T12:00:09.000Z');
  });

  it('that have not come yet are not believed', () => {
    const late = new Times({ spans }, file, noon - 60_000);
    expect(late.of(0)).toEqual({ order: noon - 60_000 });
    expect(late.of(900)).toEqual({ order: noon - 60_000 });
  });

  it('say where to begin to leave out what is older', () => {
    expect(times.since(noon - 1)).toBe(0);
    expect(times.since(noon + 1)).toBe(100);
    expect(times.since(noon + 6000)).toBe(300);
    expect(times.since(noon + 9001)).toBe(1000);
    expect(new Times({ spans: [] }, file, noon).since(noon)).toBe(0);
  });
});

describe('which logs are meant', () => {
  const follow = false;
  const sources = ['api-1a2b-1', 'api-admin-1a2b-1', 'job-api-1a2b00000000', 'db', 'supervisor', 'ingress', 'access', 'autoscaler-api'];
  const chosen = (selector: object): string[] => sources.filter((source) => isSelected(source, { follow, ...selector }));

  it('without a service all that the app has, with `all` Gantry too, one line per request only by name', () => {
    expect(chosen({})).toEqual(['api-1a2b-1', 'api-admin-1a2b-1', 'job-api-1a2b00000000', 'db', 'autoscaler-api']);
    expect(chosen({ all: true })).toEqual(sources.filter((source) => source !== 'access'));
    expect(chosen({ service: 'access' })).toEqual(['access']);
  });

  it('of a release by its first digits', () => {
    expect(chosen({ release: '1a2b00000000' })).toEqual(['api-1a2b-1', 'api-admin-1a2b-1', 'job-api-1a2b00000000']);
    expect(chosen({ release: '1a2c00000000' })).toEqual([]);
  });

  it('tell Gantry from a service that is called like it', () => {
    expect(['supervisor', 'autoscaler-api', 'autoscaler-3f9a-1', 'ingress-3f9a-1'].map(streamOf)).toEqual([
      'gantry',
      'gantry',
      'stdout',
      'stdout',
    ]);
  });
});
