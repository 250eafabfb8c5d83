/** What happens in one run: who does what, what goes wrong, and in which order. Small and plain, so that it shrinks and prints well. */
import fc from 'fast-check';

export type Command =
  | { readonly do: 'up' | 'deploy'; readonly content: number }
  | { readonly do: 'rollback'; readonly to?: number }
  | { readonly do: 'scale'; readonly count: number }
  | { readonly do: 'restart' }
  | { readonly do: 'destroy' }
  | { readonly do: 'settle' }
  | { readonly do: 'unlock' };

export type Trouble =
  /** The process dies. */
  | 'crash-before'
  | 'crash-after'
  /** The store, or the place, refuses. */
  | 'refused'
  /** It was done, and the answer is an error. */
  | 'unanswered'
  /** From here on the store takes nothing of this process. */
  | 'full'
  /** The same, and cannot be read either; what was asked for at that moment is done. */
  | 'silent'
  /** The store says that somebody else wrote first. */
  | 'conflict'
  /** A person has had enough. */
  | 'interrupt'
  /** The wall clock jumps by an hour, forwards or back. */
  | 'clock';

/** torn: half of what is written reaches the disk before the process dies. */
export type DiskTrouble = 'crash' | 'torn' | 'ENOSPC' | 'EIO';

export interface Order {
  readonly command: Command;
  /** At which of its calls what goes wrong. */
  readonly troubles: readonly { readonly at: number; readonly what: Trouble }[];
  /** At which of its changes of the disk what goes wrong. */
  readonly disk?: { readonly at: number; readonly what: DiskTrouble };
}

export interface Plan {
  /** How many releases there were before. */
  readonly before: number;
  /** Each of them does one thing after the other; a dead one is started again for its next thing. */
  readonly actors: readonly (readonly Order[])[];
  readonly picks: readonly number[];
}

export const mostBefore = 2;

/** Numbers of releases that somebody may ask for; some exist, some do not. */
const numbers = 5;

function commands(canUnlock: boolean): fc.Arbitrary<Command> {
  const content = fc.integer({ min: 1, max: numbers });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('up', 'deploy'), content }) },
    { weight: 2, arbitrary: fc.constant({ do: 'rollback' } as const) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback'), to: content }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('scale'), count: fc.integer({ min: 1, max: 6 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('restart', 'destroy', 'settle', ...(canUnlock ? (['unlock'] as const) : [])) }),
    },
  );
}

const troubles: readonly Trouble[] = [
  'crash-before',
  'crash-after',
  'refused',
  'unanswered',
  'full',
  'silent',
  'conflict',
  'interrupt',
  'clock',
];

export function plans(): fc.Arbitrary<Plan> {
  const order = fc.record({ command: commands(true), troubles: someTroubles() });
  return planOf(order);
}

/**
 * For a store on a disk that goes wrong. Nobody unlocks: who has lost the lock of a folder learns it a moment later, and the place is not
 * told whose call is too late.
 */
export function diskPlans(): fc.Arbitrary<Plan> {
  const disk = fc.record({ at: fc.nat(400), what: fc.constantFrom<DiskTrouble>('crash', 'torn', 'ENOSPC', 'EIO') });
  const order = fc.record({ command: commands(false), troubles: someTroubles(), disk }, { requiredKeys: ['command', 'troubles'] });
  return planOf(order);
}

function someTroubles(): fc.Arbitrary<Order['troubles']> {
  const trouble = fc.record({ at: fc.nat(90), what: fc.constantFrom(...troubles) });
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(trouble, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(trouble, { minLength: 2, maxLength: 4 }) },
  );
}

function planOf(order: fc.Arbitrary<Order>): fc.Arbitrary<Plan> {
  return fc.record({
    before: fc.integer({ min: 0, max: mostBefore }),
    actors: fc.array(fc.array(order, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 3 }),
    picks: fc.array(fc.nat(11), { minLength: 1, maxLength: 30 }),
  });
}
