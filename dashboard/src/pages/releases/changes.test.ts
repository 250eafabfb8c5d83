import { describe, expect, it } from 'vitest';
import type { Change } from '../../../../src/server/api/index.ts';
import { changeRows, costs, counts, isEmpty } from './changes.ts';

const change = (kind: Change['kind'], more: Partial<Change> = {}): Change => ({
  kind,
  subject: 'service/backend',
  detail: 'content a -> b',
  downtime: false,
  dataLoss: false,
  ...more,
});

describe('changes', () => {
  it('have the signs of the terminal, and words beside them', () => {
    const kinds = ['create', 'update', 'replace', 'delete', 'unknown', 'unchanged'] as const;
    const rows = changeRows(kinds.map((kind) => change(kind)));
    expect(rows.map(({ sign }) => sign)).toEqual(['+', '~', '-+', '-', '?']);
    expect(rows.map(({ word }) => word)).toEqual(['created', 'changed', 'replaced', 'destroyed', 'not known before it is done']);
  });

  it('say what they cost', () => {
    expect(changeRows([change('replace', { downtime: true, dataLoss: true })])[0]?.costs).toEqual(['downtime', 'data loss']);
  });

  it('are counted as on the terminal', () => {
    expect(counts([change('update'), change('update')])).toEqual(['~ 2 changed', '0 replaced', '0 destroyed']);
    expect(counts([change('create'), change('unknown')])).toEqual([
      '+ 1 created',
      '~ 0 changed',
      '0 replaced',
      '0 destroyed',
      '? 1 unknown',
    ]);
  });

  it('are none when everything stays', () => {
    expect(isEmpty([change('unchanged')])).toBe(true);
    expect(isEmpty([change('unknown')])).toBe(false);
  });
});

describe('what a plan costs', () => {
  const words = (plan: Parameters<typeof costs>[0]): string =>
    costs(plan)
      .map(({ text }) => text)
      .join(', ');

  it('is said also when it is nothing', () => {
    expect(words({ downtime: false, dataLoss: false, schema: [] })).toBe('no downtime, no data loss');
    expect(words({ downtime: true, dataLoss: true, schema: [] })).toBe('downtime, data loss');
  });

  it('does not promise about data what only the author of a migration knows', () => {
    const schema = [{ name: '003.sql', effect: 'contract', reasons: [] }];
    expect(words({ downtime: false, dataLoss: false, schema })).toBe('no downtime, schema changes');
    expect(words({ downtime: false, dataLoss: true, schema })).toBe('no downtime, data loss');
  });
});
