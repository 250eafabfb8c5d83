import { cronProblem } from '../cron.ts';
import { perService } from './rule.ts';

/** A schedule is a cron expression with five fields. */
export const scheduleRule = perService((raw) => {
  const problem = raw.schedule === undefined ? undefined : cronProblem(raw.schedule);
  return problem === undefined ? [] : [{ code: 'GA2011', path: ['schedule'], ...problem }];
});
