import { useEffect, useState } from 'react';
import { localDate } from '../model/dates.ts';

/** Where the person is. */
export interface Clock {
  /** 'YYYY-MM-DD'. */
  today: string;
  /** 0 to 23. */
  hour: number;
}

function read(): Clock {
  const now = new Date();
  return { today: localDate(now), hour: now.getHours() };
}

/** Changes with the hour, and when a sleeping page wakes up. */
export function useClock(): Clock {
  const [clock, setClock] = useState(read);
  useEffect(() => {
    const look = (): void =>
      setClock((before) => {
        const now = read();
        return now.today === before.today && now.hour === before.hour ? before : now;
      });
    const timer = setInterval(look, 30_000);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return clock;
}
