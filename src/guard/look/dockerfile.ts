/** The instructions of a Dockerfile, one by one. */
import type { Service } from '../../app/model.ts';
import type { GuardContext } from '../guard.ts';
import { folderOf, textOf, within } from './files.ts';

export interface Instruction {
  /** Upper case. */
  readonly name: string;
  readonly value: string;
  /** `backend/Dockerfile:3` */
  readonly where: string;
}

/** Empty where a service has none. */
export function dockerfileOf(context: GuardContext, service: Service): readonly Instruction[] {
  if (service.build === undefined) return [];
  const path = within(folderOf(service), service.build.dockerfile ?? 'Dockerfile');
  const text = textOf(context, path);
  return text === undefined ? [] : instructions(text, path);
}

function instructions(text: string, path: string): Instruction[] {
  const found: Instruction[] = [];
  let value = '';
  let start = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    if (value === '') start = index + 1;
    value += line.replace(/\\\s*$/, ' ');
    if (/\\\s*$/.test(line)) continue;
    const [, name = '', rest = ''] = /^\s*([A-Za-z]+)\s+([\s\S]*)$/.exec(value) ?? [];
    if (name !== '') found.push({ name: name.toUpperCase(), value: rest.trim(), where: `${path}:${start}` });
    value = '';
  }
  return found;
}
