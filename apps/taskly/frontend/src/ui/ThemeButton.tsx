import { useEffect, useState } from 'react';
import { chooseTheme, currentTheme, watchTheme } from '../client/preferences.ts';
import { MoonIcon, SunIcon } from './icons.tsx';

export function ThemeButton() {
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => watchTheme(() => setTheme(currentTheme())), []);
  const other = theme === 'dark' ? 'light' : 'dark';
  const toggle = (): void => {
    chooseTheme(other);
    setTheme(other);
  };
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Switch to ${other} theme`}
      title={`Switch to ${other} theme`}
      onClick={toggle}
    >
      {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
