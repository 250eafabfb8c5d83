import { greeting, longDate } from '../model/dates.ts';
import type { Account } from '../model/task.ts';

export function Greeting({ account, today }: { account: Account; today: string }) {
  const hello = greeting(new Date().getHours());
  return (
    <div className="greeting">
      <h1>{account.name === null ? hello : `${hello}, ${account.name}`}</h1>
      <p>
        <time dateTime={today}>{longDate(today, 'en-GB')}</time>
      </p>
    </div>
  );
}
