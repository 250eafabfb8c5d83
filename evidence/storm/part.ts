/** The Storm as a part of the evidence. */
import { figure, told, type Part } from '../part.ts';
import { standardClients, storm } from './storm.ts';

const minute = 60_000;

export const stormPart: Part = {
  name: 'storm',
  title: 'The Storm: releases, rollbacks, scalings under load',
  run: async ({ size, seed, keep, log }) => {
    const target =
      size === 'ci'
        ? { operations: 60, requests: 250_000, deadlineMs: 20 * minute }
        : { operations: 10_000, requests: 10_000_000, deadlineMs: 60 * minute };
    const result = await storm({ ...target, seed, clients: standardClients, keep, log });
    const { report, ledger, meter, operations } = result;
    const count = Object.values(operations).reduce((sum, number) => sum + number, 0);
    return {
      details: result,
      figures: [
        figure('releases, rollbacks, scalings, restarts', count, '>= 60'),
        told(
          'of them',
          Object.entries(operations)
            .map(([kind, number]) => `${number} ${kind}`)
            .join(', '),
        ),
        figure('requests', report.requests, '>= 250,000'),
        figure('failed', report.failed, '0'),
        ...Object.entries(report.failures).map(([kind, number]) => figure(`of them ${kind}`, number, '')),
        figure('acknowledged writes', ledger.acknowledged, ''),
        figure('of them lost, duplicated, or never sent', ledger.lost + ledger.duplicated + ledger.strange, '0'),
        figure('streams that moved to another replica', report.reconnects, ''),
        figure('longest time until such a stream was open again', report.longestReconnectMs, '<= 2,000 ms', ' ms'),
        told(
          'longest gap between two good answers',
          `${report.longestGapMs} ms, after ${report.longestGapAtS} s; the load itself paused for up to ${report.longestPauseMs} ms`,
        ),
        told('duration of a request, p50 / p99', `${report.p50Ms} / ${report.p99Ms} ms`),
        figure('requests of the downtime meter', meter.requests, ''),
        figure('of them failed', meter.failed, '0'),
        told('slowest operation', `${result.slowestS} s`),
        told('duration', `${result.minutes} min`),
      ],
    };
  },
};
