import { useEffect, useRef, useState, type FormEvent } from 'react';
import { signIn, signUp } from '../client/api.ts';
import { Refusal } from '../client/http.ts';
import type { Account } from '../model/task.ts';
import { Field, PasswordField } from './Field.tsx';
import { Logo } from './icons.tsx';
import { Link } from './Link.tsx';
import { ThemeButton } from './ThemeButton.tsx';

interface AuthPageProps {
  mode: 'sign-in' | 'sign-up';
  notice: string | null;
  go: (to: string) => void;
  onEnter: (account: Account) => void;
}

interface Problem {
  message: string;
  fields: Readonly<Record<string, string>>;
}

const texts = {
  'sign-in': {
    title: 'Welcome back',
    button: 'Sign in',
    busy: 'Signing in…',
    other: 'New here?',
    otherLink: 'Create an account',
    to: '/sign-up',
  },
  'sign-up': {
    title: 'Create your account',
    button: 'Create account',
    busy: 'Creating…',
    other: 'Been here before?',
    otherLink: 'Sign in',
    to: '/sign-in',
  },
} as const;

export function AuthPage({ mode, notice, go, onEnter }: AuthPageProps) {
  const text = texts[mode];
  return (
    <div className="auth">
      <div className="auth-theme">
        <ThemeButton />
      </div>
      <aside className="auth-story" aria-hidden="true">
        <Sketch />
      </aside>
      <main className="auth-main">
        <div className="auth-card">
          <p className="wordmark">
            <Logo size={32} /> Taskly
          </p>
          <h1>{text.title}</h1>
          <p className="auth-lead">A quiet place for what you mean to do.</p>
          <AuthForm key={mode} mode={mode} notice={notice} onEnter={onEnter} />
          <p className="auth-other">
            {text.other}{' '}
            <Link to={text.to} go={go}>
              {text.otherLink}
            </Link>
          </p>
        </div>
      </main>
    </div>
  );
}

function AuthForm({ mode, notice, onEnter }: Pick<AuthPageProps, 'mode' | 'notice' | 'onEnter'>) {
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const text = texts[mode];
  const isNew = mode === 'sign-up';

  useEffect(() => {
    if (problem !== null) form.current?.querySelector<HTMLElement>('[aria-invalid=true], [role=alert]')?.focus();
  }, [problem]);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (busy) return;
    const values = readForm(event.currentTarget);
    const missing = findMissing(values, isNew);
    if (missing !== null) return setProblem(missing);
    setBusy(true);
    try {
      onEnter(isNew ? await signUp(values.email, values.password, values.name) : await signIn(values.email, values.password));
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  }

  return (
    <form ref={form} className="auth-form" noValidate onSubmit={(event) => void submit(event)}>
      {problem !== null && Object.keys(problem.fields).length === 0 ? (
        <p className="form-problem" role="alert" tabIndex={-1}>
          {problem.message}
        </p>
      ) : null}
      {problem === null && notice !== null ? <p className="form-notice">{notice}</p> : null}
      {isNew ? (
        <Field
          name="name"
          label="Name"
          optional
          autoComplete="name"
          autoCapitalize="words"
          maxLength={80}
          problem={problem?.fields['name']}
        />
      ) : null}
      <Field name="email" label="Email" type="email" autoComplete="username" maxLength={254} problem={problem?.fields['email']} />
      <PasswordField isNew={isNew} problem={problem?.fields['password']} />
      <button type="submit" className="button primary wide" aria-disabled={busy}>
        {busy ? text.busy : text.button}
      </button>
    </form>
  );
}

interface Values {
  name: string;
  email: string;
  password: string;
}

function readForm(form: HTMLFormElement): Values {
  const data = new FormData(form);
  const value = (name: string): string => String(data.get(name) ?? '');
  return { name: value('name').trim(), email: value('email').trim(), password: value('password') };
}

function findMissing({ email, password }: Values, isNew: boolean): Problem | null {
  const fields: Record<string, string> = {};
  if (!/^\S+@\S+$/.test(email)) fields['email'] = 'Enter your email address, like ana@example.org.';
  if (password === '') fields['password'] = 'Enter your password.';
  if (isNew && password.length < 8) fields['password'] = 'Use 8 characters or more.';
  return Object.keys(fields).length === 0 ? null : { message: '', fields };
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof Refusal)) return { message: 'Taskly cannot be reached. Check your connection and try again.', fields: {} };
  const wait = error.retryAfter === undefined ? '' : ` Try again in ${Math.ceil(error.retryAfter / 1000)} seconds.`;
  if (error.status === 429) return { message: `Too many attempts.${wait}`, fields: {} };
  if (error.code === 'email_taken')
    return { message: error.message, fields: { email: 'There is an account with this address. Sign in instead?' } };
  if (error.code === 'wrong_credentials') return { message: 'The email address or the password is not right.', fields: {} };
  return { message: error.message, fields: error.fields };
}

/** What the product is, without words. */
function Sketch() {
  const lines = [
    { y: 0, width: 168, done: true },
    { y: 64, width: 214, done: true },
    { y: 128, width: 142, done: false },
    { y: 192, width: 190, done: false },
  ];
  return (
    <svg className="sketch" viewBox="0 0 360 330" width="360" height="330">
      <rect className="sketch-card back" x="34" y="4" width="312" height="300" rx="22" />
      <rect className="sketch-card" x="14" y="26" width="312" height="300" rx="22" />
      {lines.map(({ y, width, done }) => (
        <g key={y} transform={`translate(44 ${y + 66})`}>
          <circle className={done ? 'sketch-done' : 'sketch-open'} cx="13" cy="13" r="12" />
          {done ? <path className="sketch-tick" d="M7.5 13.4l3.9 3.9 7.4-8" /> : null}
          <rect className={done ? 'sketch-line faded' : 'sketch-line'} x="42" y="7" width={width} height="12" rx="6" />
        </g>
      ))}
    </svg>
  );
}
