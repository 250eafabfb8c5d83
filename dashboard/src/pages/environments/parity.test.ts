import { describe, expect, it } from 'vitest';
import type { Support } from '../../../../src/server/api/index.ts';
import { parityGroups, paritySummary } from './parity.ts';

const yes = (feature: string, path = feature): Support => ({ feature, path, level: 'yes' });
const near = (feature: string, path: string, reason: string): Support => ({ feature, path, level: 'approximated', reason });
const no = (feature: string, path: string, reason: string): Support => ({ feature, path, level: 'no', reason });

describe('parity', () => {
  const local = [
    yes('service.web', 'services.frontend'),
    yes('service.web', 'services.backend'),
    near('limits.cpu', 'services.backend.limits.cpu', 'not throttled'),
    near('limits.cpu', 'services.frontend.limits.cpu', 'not throttled'),
    near('domain', 'environments/local.domain', 'the address is on 127.0.0.1'),
  ];
  const production = [yes('service.web', 'services.frontend'), no('limits.cpu', 'services.backend.limits.cpu', 'not here')];
  const groups = parityGroups([{ parity: local }, { parity: production }]);

  it('groups what the app asks for, and leaves out groups of which it asks nothing', () => {
    expect(groups.map(({ title, rows }) => [title, rows.map((row) => row.title)])).toEqual([
      ['Services', ['Web service']],
      ['Scaling and limits', ['CPU limit']],
      ['The place', ['Domain']],
    ]);
  });

  it('says each reason once, with every place that it is about', () => {
    const [, scaling] = groups;
    expect(scaling?.rows[0]?.cells[0]).toEqual({
      level: 'approximated',
      symbol: '~',
      words: 'approximated',
      notes: [{ reason: 'not throttled', paths: ['services.backend.limits.cpu', 'services.frontend.limits.cpu'] }],
    });
  });

  it('marks what the environments do not give alike', () => {
    expect(groups.flatMap(({ rows }) => rows.map(({ feature, differs }) => [feature, differs]))).toEqual([
      ['service.web', false],
      ['limits.cpu', true],
      ['domain', true],
    ]);
    expect(groups[2]?.rows[0]?.cells[1]).toMatchObject({ level: 'not used', words: 'not used' });
  });

  it('lets the worst of several places speak for the feature', () => {
    const [group] = parityGroups([{ parity: [yes('scale.cpu', 'a'), no('scale.cpu', 'b', 'too small')] }]);
    expect(group?.rows[0]?.cells[0]).toMatchObject({ level: 'no', notes: [{ reason: 'too small', paths: ['b'] }] });
  });

  it('keeps what a later version asks for', () => {
    expect(parityGroups([{ parity: [yes('service.gpu')] }])[0]?.rows[0]?.title).toBe('service.gpu');
    expect(parityGroups([{ parity: [yes('quantum')] }])[0]?.title).toBe('The place');
  });

  it('is summed up as `check` does it', () => {
    expect(paritySummary([yes('a')])).toBe('everything');
    expect(paritySummary(local)).toBe('everything; 2 approximated');
    expect(paritySummary(production)).toBe('1 missing');
  });
});
