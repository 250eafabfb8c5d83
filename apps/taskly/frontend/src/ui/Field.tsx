import { useId, useState, type InputHTMLAttributes, type ReactNode } from 'react';
import { EyeIcon } from './icons.tsx';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  name: string;
  label: string;
  optional?: boolean;
  hint?: string;
  problem?: string | undefined;
  after?: ReactNode;
}

export function Field({ label, optional = false, hint, problem, after, ...input }: FieldProps) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>
        {label} {optional ? <span className="field-optional">optional</span> : null}
      </label>
      <div className="field-box">
        <input
          autoCapitalize="none"
          spellCheck={false}
          {...input}
          id={id}
          required={!optional}
          aria-invalid={problem !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
        {after}
      </div>
      <p className="field-note" id={`${id}-note`} data-problem={problem === undefined ? undefined : ''}>
        {note}
      </p>
    </div>
  );
}

export function PasswordField({ isNew, problem }: { isNew: boolean; problem: string | undefined }) {
  const [shown, setShown] = useState(false);
  const eye = (
    <button
      type="button"
      className="icon-button field-eye"
      aria-pressed={shown}
      aria-label="Show password"
      onClick={() => setShown(!shown)}
    >
      <EyeIcon open={shown} />
    </button>
  );
  return (
    <Field
      name="password"
      label="Password"
      type={shown ? 'text' : 'password'}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      maxLength={256}
      {...(isNew ? { hint: '8 characters or more. A short sentence is a good one.' } : {})}
      problem={problem}
      after={eye}
    />
  );
}
