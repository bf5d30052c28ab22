'use client';
import { Monitor, Moon, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './button';
import { THEME_KEY } from './theme-script';

type Theme = 'system' | 'light' | 'dark';
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const ICON = { system: Monitor, light: Sun, dark: Moon } as const;

/** Goes round system → light → dark; the choice is kept in this browser. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>('system');
  useEffect(() => {
    const kept = localStorage.getItem(THEME_KEY);
    if (kept === 'light' || kept === 'dark') setTheme(kept);
  }, []);
  useEffect(() => {
    if (theme !== 'system') return;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => {
      if (localStorage.getItem(THEME_KEY) === null) show(dark.matches ? 'dark' : 'light');
    };
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, [theme]);
  const change = () => {
    const next = NEXT[theme];
    if (next === 'system') localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, next);
    show(next !== 'system' ? next : matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    setTheme(next);
  };
  const Icon = ICON[theme];
  return (
    <IconButton label={`Theme: ${theme}`} onClick={change} data-testid="theme-toggle">
      <Icon size={16} />
    </IconButton>
  );
}

function show(theme: 'light' | 'dark'): void {
  document.documentElement.dataset.theme = theme;
}
