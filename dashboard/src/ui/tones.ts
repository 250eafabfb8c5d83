/** Which of five tones a word has; pure. */

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

const tones: Readonly<Record<string, Tone>> = {
  running: 'good',
  ready: 'good',
  promoted: 'good',
  done: 'good',
  changed: 'good',
  external: 'quiet',
  starting: 'info',
  waiting: 'info',
  degraded: 'bad',
  failed: 'bad',
  unready: 'warn',
  stopping: 'warn',
  'rolled back': 'warn',
  'taken back': 'warn',
  asks: 'warn',
  unknown: 'warn',
  stopped: 'quiet',
  unchanged: 'quiet',
  skipped: 'quiet',
};

/** Tone of a state, an outcome or a step, as the API names it. An outcome `running` is under way, a state `running` is well. */
export function toneOf(state: string): Tone {
  return tones[state] ?? 'quiet';
}
