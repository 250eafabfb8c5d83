/** What has to be confirmed before a release goes on, as it comes back from whoever carries it out. */
import type { GantryError } from '../errors.ts';
import { losesData } from './request.ts';

export interface OpenQuestion {
  /** What a yes names. */
  readonly id: string;
  readonly text: string;
  /** No general yes covers it. */
  readonly losesData: boolean;
}

/** Of a GR1005; its lines are `ID: text`. */
export function questionsOf({ lines }: Pick<GantryError, 'lines'>): OpenQuestion[] {
  return lines.flatMap((line) => {
    const [, id = '', text = ''] = /^([A-Za-z0-9-]+): (.*)$/s.exec(line) ?? [];
    return id === '' ? [] : [{ id, text, losesData: losesData.has(id) }];
  });
}
