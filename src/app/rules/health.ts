import { perService } from './rule.ts';

/** A check ends before the next one begins. */
export const healthRule = perService((_raw, name, { app }) => {
  const health = app.services[name]?.health;
  if (health === undefined || health.timeoutMs <= health.intervalMs) return [];
  return [
    {
      code: 'GA2014',
      path: ['health'],
      message: `a check may take ${health.timeoutMs / 1000}s, but the next one begins after ${health.intervalMs / 1000}s`,
      fix: `write timeout: ${health.intervalMs}ms, or a longer interval`,
    },
  ];
});
