import { describe, expect, it } from 'vitest';
import type { StepEvent } from '../protocol.ts';
import { systemClock } from './clock.ts';
import { OperationGate } from './operation.ts';

const said = (step: string, message: string): StepEvent => ({ step, state: 'running', message, elapsedMs: 0 });
const figures = (requests: number): StepEvent => ({
  ...said('bake', ''),
  measured: { meter: { requests, failed: 0, failures: {}, p99DeltaMs: null, longestGapMs: 20 } },
});

describe('what an operation has said', () => {
  it('is told to whoever follows late; of figures alone the newest, however long it goes on', async () => {
    const gate = new OperationGate(systemClock);
    const heard: StepEvent[] = [];
    const late: StepEvent[] = [];
    const { signal } = new AbortController();
    const done = gate.run(
      'deploy',
      'ana',
      (event) => heard.push(event),
      async (report) => {
        report(said('lock', 'first words'));
        for (let requests = 0; requests < 5_000; requests += 1) report(figures(requests));
        report(said('bake', '1 m left'));
        report(figures(5_000));
        void gate.attach((event) => late.push(event), signal);
        report(figures(5_001));
        expect(gate.current?.step).toBe('bake');
        return null;
      },
    );
    await done;
    expect(heard).toHaveLength(5_004);
    expect(late).toEqual([said('lock', 'first words'), figures(4_999), said('bake', '1 m left'), figures(5_000), figures(5_001)]);
  });
});
