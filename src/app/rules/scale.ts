import { perService } from './rule.ts';
import type { Problem } from '../issue.ts';

/** Numbers of replicas do not contradict each other. */
export const scaleRule = perService((raw, name, { app }) => {
  const scale = app.services[name]?.scale;
  const problems: Problem[] = [];
  if (raw.scale !== undefined && raw.replicas !== undefined)
    problems.push({
      code: 'GA1013',
      path: ['replicas'],
      at: 'key',
      message: '`replicas` and `scale` exclude each other',
      fix: 'keep `replicas` for a fixed number, or `scale` for one that changes',
    });
  if (scale !== undefined && scale.min > scale.max)
    problems.push({
      code: 'GA1017',
      path: ['scale'],
      message: `min ${scale.min} is greater than max ${scale.max}`,
      fix: `write max: ${scale.min}, or a smaller min`,
    });
  return problems;
});
