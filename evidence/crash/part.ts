/** The crash matrix as a part of the evidence. */
import { figure, told, type Figure, type Part } from '../part.ts';
import { crashMatrix, type CrashMatrixResult, type OperationResult } from './matrix.ts';

const ciPoints = 120;

export const crashPart: Part = {
  name: 'crash',
  title: 'Killed at every instant: the old version or the new one',
  needs: 'strace',
  run: async ({ size, seed, keep, log }) => {
    const result = await crashMatrix(
      size === 'ci' ? { size: 'sample', points: ciPoints, seed, keep, log } : { size: 'all', seed, keep, log },
    );
    return { details: result, figures: figuresOf(result) };
  },
};

function figuresOf({ operations, points, fired, requests, failedRequests, violations }: CrashMatrixResult): Figure[] {
  return [
    figure('points', points, '>= 100'),
    figure('of them fired', fired, String(points)),
    ...operations.map((one) =>
      told(`${one.fault} of the ${one.victim === 'cli' ? 'command' : 'supervisor'}, ${one.operation}`, words(one)),
    ),
    figure('neither old nor new, or a lie about it', violations.length, '0'),
    figure('requests of a user meanwhile', requests, ''),
    figure('of them failed', failedRequests, '0'),
  ];
}

function words({ fired, points, calls, old, new: next, exact, medianMs }: OperationResult): string {
  const places = exact.of === 0 ? '' : `, ${exact.met} of ${exact.of} at the very call`;
  return `${fired} of ${points} fired (${calls} calls recorded${places}): ${old} old, ${next} new; median ${medianMs} ms`;
}
