import { IconButton } from '../ui/index.ts';
import { ThemeIcon } from '../ui/icons.tsx';
import { useActions } from './actions.ts';
import { setTheme, useTheme, type Theme } from './theme.ts';

const next: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const names: Readonly<Record<Theme, string>> = { auto: 'as the system', light: 'light', dark: 'dark' };

export function ThemeButton() {
  const theme = useTheme();
  useActions(
    (['auto', 'light', 'dark'] as const).map((each) => ({
      id: `theme ${each}`,
      title: `Colours: ${names[each]}`,
      group: 'Display',
      words: 'theme mode',
      run: () => setTheme(each),
    })),
    'shell',
  );
  return (
    <IconButton label={`Colours: ${names[theme]}. Change to ${names[next[theme]]}`} onClick={() => setTheme(next[theme])}>
      <ThemeIcon />
    </IconButton>
  );
}
