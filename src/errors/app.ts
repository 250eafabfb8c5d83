import type { ErrorEntry } from '../errors.ts';

/** GA1xxx: the shape of gantry.yaml and environments/*.yaml. GA2xxx: rules over a well-formed app. */
export const appErrors = {
  GA1001: {
    title: 'app file not found',
    cause: 'No gantry.yaml was found in this folder.',
    fix: 'Go to the folder of the app, or run `gantry init` to write one.',
  },
} as const satisfies Record<string, ErrorEntry>;
