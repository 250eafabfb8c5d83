import { useEffect } from 'react';
import type { SignedOut as Reason } from '../server/session.ts';
import { Command } from '../ui/index.ts';
import { Logo } from './Logo.tsx';
import styles from './SignedOut.module.css';

const texts: Readonly<Record<Reason, readonly [title: string, text: string]>> = {
  'no link': ['This browser is not signed in', 'The dashboard opens by a link that is good once, for one browser.'],
  'used link': ['This link has been used', 'A link is good once, and the server that made it may have ended since.'],
  'no answer': [
    'The server does not answer',
    'The link was not used up. See that `gantry up` or `gantry dashboard` runs, then open the link again.',
  ],
  expired: ['You are signed out', 'The server was started anew, or the dashboard was not looked at for twelve hours.'],
};

export function SignedOut({ reason }: { readonly reason: Reason }) {
  const [title, text] = texts[reason];
  useEffect(() => {
    document.title = `${title} · Gantry`;
  }, [title]);
  return (
    <main className={styles.page}>
      <Logo />
      <h1>{title}</h1>
      <p>{text}</p>
      <ol className={styles.steps}>
        <li>
          In the folder of the app: <Command>gantry dashboard</Command>
        </li>
        <li>Open the link that it prints.</li>
      </ol>
      <p className={styles.note}>The app goes on running whether anybody looks or not.</p>
    </main>
  );
}
