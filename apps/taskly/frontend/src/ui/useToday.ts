import { useEffect, useState } from 'react';
import { localDate } from '../model/dates.ts';

/** Today's date where the person is; changes at midnight and when a sleeping page wakes up. */
export function useToday(): string {
  const [today, setToday] = useState(() => localDate(new Date()));
  useEffect(() => {
    const look = (): void => setToday(localDate(new Date()));
    const timer = setInterval(look, 30_000);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return today;
}
