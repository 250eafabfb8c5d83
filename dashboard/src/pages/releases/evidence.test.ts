import { describe, expect, it } from 'vitest';
import { logFilter, logsPath, plainLine } from './evidence.ts';

describe('where to read on', () => {
  it('is the replica that the message begins with', () => {
    expect(logFilter({ message: 'backend-3f9a-1 ended 3 times within 60 s (exit 1)', where: 'services.backend' })).toEqual({
      service: 'backend',
      replica: 'backend-3f9a-1',
    });
    expect(logFilter({ message: 'task-api-8c21-12: cannot be started' })).toEqual({ service: 'task-api', replica: 'task-api-8c21-12' });
  });

  it('is else the service that is at fault', () => {
    expect(logFilter({ message: 'the migration of backend ended with exit code 1', where: 'services.backend.migrate' })).toEqual({
      service: 'backend',
    });
    expect(logFilter({ message: '4 of 80 requests failed', where: 'canary, 5 % of the requests' })).toEqual({});
  });

  it('becomes an address of the logs page', () => {
    expect(logsPath('local', {}, null)).toBe('/e/local/logs');
    expect(logsPath('a b', { service: 'x&y' }, '2026-01-01T10:00:00Z')).toBe('/e/a%20b/logs?service=x%26y&at=2026-01-01T10%3A00%3A00Z');
  });
});

describe('lines of programs', () => {
  it('lose their colours and whatever would steer a terminal, and nothing else', () => {
    expect(plainLine('\u001B[31mred\u001B[0m <b>bold</b>\tтест')).toBe('red <b>bold</b>\tтест');
    expect(plainLine('\u001B]8;;http://evil\u0007link\u001B]8;;\u001B\\ \u0000x')).toBe('link x');
    expect(plainLine('photo\u202Egnp.exe and more')).toBe('photognp.exe and more');
  });
});
