/** Racing deploys as a part of the evidence. */
import { figure, told, type Part } from '../part.ts';
import { racers } from './racers.ts';

export const racersPart: Part = {
  name: 'racers',
  title: 'Racing deploys: one runs, the others are told who',
  run: async ({ size, log }) => {
    const result = await racers({ count: size === 'ci' ? 40 : 100, atOnce: 20, log });
    const { count, ran, attempts, toldMs, takeover } = result;
    return {
      details: result,
      figures: [
        figure('deploys at once', count, ''),
        figure('of them ran', ran, '1'),
        figure('told who is at work', result.told, String(count - 1)),
        figure('slowest of the attempts made meanwhile to be told', attempts.max, '<= 1000 ms', ' ms'),
        figure('attempts that were let in', attempts.count - attempts.told, '0'),
        told(
          'a command, from the start of its process',
          `median ${toldMs.median} ms, slowest ${toldMs.max} ms, alone ${toldMs.alone} ms (${result.cores} cores)`,
        ),
        figure('holder killed with SIGKILL, taken over without a person after', takeover.heldMs, '<= 5000 ms', ' ms'),
        told('what serves then', `the ${takeover.ended} release, settled after ${takeover.settledMs} ms (the bake begins anew)`),
        figure('commands that were wrong about their own end', takeover.commandIsRight ? 0 : 1, '0'),
        figure('operations at the same time', takeover.overlapping, '0'),
      ],
    };
  },
};
