import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { watchHome } from './home.ts';

describe('watchHome', () => {
  let folder: string;
  let tick: () => void;
  const clock: Clock = {
    now: () => 0,
    date: () => new Date(0),
    after: (_ms, run) => {
      tick = run;
      return { cancel: () => (tick = () => {}) };
    },
  };

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-home-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function look(times: number): void {
    for (let done = 0; done < times; done += 1) tick();
  }

  it('tells once when the folder stays away', () => {
    let told = 0;
    watchHome(folder, clock, () => (told += 1));
    look(10);
    rmSync(folder, { recursive: true });
    look(4);
    expect(told).toBe(0);
    look(10);
    expect(told).toBe(1);
  });

  it('says nothing when the folder comes back', () => {
    let told = 0;
    watchHome(folder, clock, () => (told += 1));
    rmSync(folder, { recursive: true });
    look(4);
    mkdirSync(folder);
    look(10);
    expect(told).toBe(0);
  });
});
