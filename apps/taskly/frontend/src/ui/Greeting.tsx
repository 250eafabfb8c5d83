import { greeting, longDate } from '../model/dates.ts';
import type { Account } from '../model/task.ts';
import type { Clock } from './useClock.ts';

export function Greeting({ account, clock: { today, hour } }: { account: Account; clock: Clock }) {
  const hello = greeting(hour);
  return (
    <div className="greeting">
      <h1>{account.name === null ? hello : `${hello}, ${account.name}`}</h1>
      <p>
        <time dateTime={today}>{longDate(today, 'en-GB')}</time>
      </p>
    </div>
  );
}
