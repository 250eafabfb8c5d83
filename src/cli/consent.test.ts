import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { testIo, type TestIo } from '../../test/rig/io.ts';
import { GantryError } from '../errors.ts';
import { consentOf, withAnswers, type Consent } from './consent.ts';
import type { Arguments } from './io.ts';
import { parseCommandLine } from './parse.ts';

async function parsed(...words: readonly string[]): Promise<Consent> {
  const call = await parseCommandLine(['deploy', 'local', ...words], testIo());
  return consentOf(call?.args as Arguments);
}

/** A person at a terminal who types these lines. */
function terminal(...lines: readonly string[]): TestIo {
  const io = testIo({ env: { NO_COLOR: '1' } });
  const input = new PassThrough();
  let left = [...lines];
  const stdout = Object.assign(io.stdout, { isTTY: true, columns: 80 });
  const stdin = Object.assign(input, { isTTY: true, setRawMode: () => input }) as unknown as NodeJS.ReadStream;
  const type = (): void => {
    const [next, ...rest] = left;
    left = rest;
    if (next !== undefined) setImmediate(() => input.write(`${next}\n`));
  };
  return {
    ...io,
    stdout,
    stdin: () => {
      if (input.listenerCount('data') === 0 && input.listenerCount('keypress') === 0) type();
      return stdin;
    },
  };
}

const question = (...lines: readonly string[]): GantryError =>
  new GantryError('GR1005', `${lines.length} to be confirmed`, { where: 'local', lines });

/** Fails with the question until everything in it is confirmed. */
function asking(error: GantryError): (confirmed: readonly string[]) => Promise<readonly string[]> {
  return async (confirmed) => {
    if (error.lines.some((line) => !confirmed.includes(line.split(':')[0] ?? ''))) throw error;
    return confirmed;
  };
}

describe('consent on the command line', () => {
  it('takes reasons in two words or one, several times, in any place', async () => {
    expect(
      await parsed('--allow', 'G25', 'a hotfix, see #12', '--yes', '--allow=g11=no users yet', '--confirm', 'G24', '--confirm', 'schema'),
    ).toEqual({
      allow: [
        { id: 'G25', reason: 'a hotfix, see #12' },
        { id: 'G11', reason: 'no users yet' },
      ],
      confirmed: ['G24', 'schema'],
      allowSchemaMismatch: false,
      yes: true,
    });
    expect(await parsed('--allow-schema-mismatch')).toMatchObject({ allow: [], allowSchemaMismatch: true, yes: false });
    expect(await parsed('--allow', 'G25=reason=more')).toMatchObject({ allow: [{ id: 'G25', reason: 'reason=more' }] });
  });

  it.each([
    ['no reason', ['--allow', 'G25'], '--allow G25 needs a reason'],
    ['an empty one', ['--allow', 'G25', ' '], '--allow G25 needs a reason'],
    ['an option in its place', ['--allow', 'G25', '--wait'], '--allow G25 needs a reason'],
    ['no id', ['--allow', '=because'], 'needs the id of a guardrail'],
    ['no guardrail', ['--allow', 'all', 'because'], '--allow all needs a reason'],
  ])('refuses %s', async (_name, words, message) => {
    await expect(parsed(...words)).rejects.toMatchObject({
      code: 'GC1002',
      exitCode: 2,
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses --allow at the end of the line', async () => {
    await expect(parsed('--allow')).rejects.toMatchObject({ code: 'GC1002', exitCode: 2 });
  });
});

describe('questions', () => {
  const none: Consent = { allow: [], confirmed: [], allowSchemaMismatch: false, yes: false };

  it('are asked one by one on a terminal, and the answers are sent along', async () => {
    const io = terminal('y', 'yes');
    const answered = withAnswers(
      io,
      'local',
      none,
      asking(question('G24: 12 of 12 at once', 'schema: the old version cannot live with it')),
    );
    expect(await answered).toEqual(['G24', 'schema']);
    expect(io.out()).toContain('  G24  12 of 12 at once\n');
    expect(io.out()).toContain('Go on? [y/N]');
  });

  it.each(['', 'n', 'whatever'])('answered with %j change nothing', async (answer) => {
    const attempt = withAnswers(terminal(answer), 'local', none, asking(question('G24: all at once')));
    await expect(attempt).rejects.toMatchObject({ code: 'GC1005', state: 'nothing was changed' });
  });

  it('about data want the name of the environment, and --yes does not answer them', async () => {
    const gone = question('G23: db would be replaced');
    expect(await withAnswers(terminal('local'), 'local', none, asking(gone))).toEqual(['G23']);
    await expect(withAnswers(terminal('y'), 'local', none, asking(gone))).rejects.toMatchObject({ code: 'GC1005' });
    await expect(withAnswers(testIo(), 'local', { ...none, yes: true }, asking(gone))).rejects.toMatchObject({
      code: 'GR1005',
      fix: 'Answer on a terminal, or say yes beforehand: --confirm G23',
    });
    expect(await withAnswers(testIo(), 'local', { ...none, confirmed: ['G23'] }, asking(gone))).toEqual(['G23']);
  });

  it('fail with the flags to give where nobody can be asked', async () => {
    const attempt = withAnswers(testIo(), 'local', none, asking(question('G24: all at once', 'schema: it breaks')));
    await expect(attempt).rejects.toMatchObject({
      code: 'GR1005',
      fix: 'Answer on a terminal, or say yes beforehand: --confirm G24 --confirm schema (or --yes for all)',
    });
  });

  it('are answered by --yes beforehand: the release is not asked for twice', async () => {
    expect(await withAnswers(testIo(), 'local', { ...none, confirmed: ['G23'], yes: true }, async (confirmed) => confirmed)).toEqual([
      'G23',
      'yes',
    ]);
  });

  it('that come again although they were answered end the matter', async () => {
    let attempts = 0;
    const stubborn = withAnswers(terminal('y', 'y'), 'local', none, async () => {
      attempts += 1;
      throw question('G24: all at once');
    });
    await expect(stubborn).rejects.toMatchObject({ code: 'GR1005' });
    expect(attempts).toBe(2);
  });

  it('of other kinds of trouble are not asked', async () => {
    const input = Readable.from(['y\n']);
    const io = { ...testIo(), stdin: () => input as unknown as NodeJS.ReadStream };
    await expect(withAnswers(io, 'local', none, async () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
  });
});
