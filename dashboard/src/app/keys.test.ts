import { expect, it } from 'vitest';
import { isTyping, meant } from './keys.ts';

const known = new Set(['g l', '/', '?', 'g o']);

it('means two keys when the second follows soon', () => {
  expect(meant({ key: 'g', at: 0 }, { key: 'l', at: 300 }, known)).toBe('g l');
  expect(meant({ key: 'g', at: 0 }, { key: 'l', at: 3000 }, known)).toBeUndefined();
});

it('means one key, whatever came before', () => {
  expect(meant(undefined, { key: '/', at: 0 }, known)).toBe('/');
  expect(meant({ key: 'g', at: 0 }, { key: '?', at: 10 }, known)).toBe('?');
  expect(meant({ key: 'x', at: 0 }, { key: 'l', at: 10 }, known)).toBeUndefined();
});

it('leaves keys to what is written in', () => {
  expect(isTyping({ tagName: 'INPUT' })).toBe(true);
  expect(isTyping({ tagName: 'DIV', isContentEditable: true })).toBe(true);
  expect(isTyping({ tagName: 'DIV', role: 'menuitem' })).toBe(true);
  expect(isTyping({ tagName: 'BUTTON', role: null })).toBe(false);
});
