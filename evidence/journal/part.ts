/** Damage to the journal as a part of the evidence. */
import { figure, told, type Figure, type Part } from '../part.ts';
import { journalDamage, type DamageCounts } from './damage.ts';

export const journalPart: Part = {
  name: 'journal',
  title: 'A damaged journal is healed or refused',
  run: async ({ size, log }) => {
    const result = await journalDamage({ releases: size === 'ci' ? 3 : 6, stride: size === 'ci' ? 5 : 1, log });
    const all = Object.values(result.counts);
    const sum = (what: keyof DamageCounts): number => all.reduce((total, counts) => total + counts[what], 0);
    const each: Figure[] = Object.entries(result.counts).map(([name, { offsets, healed, refused }]) =>
      told(name, `${offsets} times: ${healed} healed, ${refused} refused`),
    );
    return {
      details: result,
      figures: [
        told('journal', `${result.events} events of ${result.releases} releases, ${result.bytes} bytes, every ${result.stride}. byte`),
        ...each,
        figure('taken for an empty one', sum('empty'), '0'),
        figure('taken for a shorter one', sum('shorter'), '0'),
        figure('read as anything else', sum('wrong'), '0'),
      ],
    };
  },
};
