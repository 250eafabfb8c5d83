/** The bad releases as a part of the evidence. */
import { figure, told, type Part } from '../part.ts';
import { badReleases, handful, type KindResult } from './bad-releases.ts';

export const badReleasesPart: Part = {
  name: 'bad',
  title: 'Bad releases of many kinds, each under load',
  run: async ({ size, seed, log }) => {
    const result = await badReleases({ ...(size === 'ci' ? { kinds: handful(seed, 6) } : {}), seed, log });
    const stopped = result.kinds.filter(({ reach }) => reach !== 'accepted' && reach !== 'unsure');
    const acceptedKinds = result.kinds.filter(({ reach }) => reach === 'accepted');
    return {
      details: result,
      figures: [
        figure('kinds', stopped.length, size === 'ci' ? '' : '>= 50'),
        figure('of them not refused or rolled back as they should be', result.toBeStopped - result.stopped, '0'),
        figure(
          'fewest requests during one and right after it',
          Math.min(...result.kinds.map(({ requests, afterwards }) => requests + afterwards.requests)),
          '>= 2,000',
        ),
        figure('largest share of bad answers of a kind that shows at once', result.worstShare, '<= 5 %', ' %'),
        told('answers of kinds that show later, in the bake', later(stopped)),
        figure('faults that stop no release', acceptedKinds.length, ''),
        figure('of them with trouble in the release after', acceptedKinds.filter(({ problems }) => problems.length > 0).length, '0'),
        told('known to be found with luck only, or not at all', unsureLine(result.kinds)),
        told(
          'kinds with 2,000 requests while the command itself ran',
          `${result.kinds.filter(({ requests }) => requests >= 2_000).length} of ${result.kinds.length}`,
        ),
      ],
    };
  },
};

function later(kinds: readonly { readonly kind: string; readonly reach: string; readonly badShare: number }[]): string {
  return kinds
    .filter(({ reach }) => reach === 'bake')
    .map(({ kind, badShare }) => `${kind} ${badShare.toFixed(2)} %`)
    .join(', ');
}

function unsureLine(kinds: readonly KindResult[]): string {
  return kinds
    .filter(({ reach }) => reach === 'unsure')
    .map(({ kind, outcome, badShare }) => `${kind} ${outcome}, ${badShare.toFixed(2)} % bad`)
    .join('; ');
}
