import type { Path, Problem } from '../issue.ts';
import { perService } from './rule.ts';

/** Files and folders lie below the app file. */
export const pathRule = perService((raw) => {
  const { build, migrate, static: site } = raw;
  return [
    ...(typeof build === 'string'
      ? local(build, ['build'])
      : [...local(build?.context, ['build', 'context']), ...local(build?.dockerfile, ['build', 'dockerfile'])]),
    ...(typeof site === 'string'
      ? local(site, ['static'])
      : [...local(site?.dir, ['static', 'dir']), ...local(site?.fallback, ['static', 'fallback'])]),
    ...(typeof migrate === 'object' && !Array.isArray(migrate) ? local(migrate.files, ['migrate', 'files']) : []),
  ];
});

function local(value: string | undefined, path: Path): Problem[] {
  const reason = value === undefined ? undefined : outside(value);
  return reason === undefined ? [] : [{ code: 'GA2010', path, message: reason[0], fix: reason[1] }];
}

function outside(value: string): readonly [message: string, fix: string] | undefined {
  if (value.includes('${')) return undefined;
  if (/^[A-Za-z]:/.test(value) || value.includes('\\'))
    return [
      'backslashes and drive letters are no part of a path here',
      'write the path with /, relative to the app file, for example ./backend',
    ];
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
    return ['this is an address, not a folder', 'name a folder below the app file, for example ./backend'];
  if (value.startsWith('/')) return ['the path is absolute', `write it relative to the app file: .${value.replace(/\/+$/, '')}`];
  if (value.startsWith('~')) return ['"~" is not expanded here', 'write a path relative to the app file, for example ./backend'];
  if (value.includes('..') && value.split('/').includes('..'))
    return ['the path leaves the folder of the app', 'keep what belongs to the app below its app file, and write the path without ..'];
  return /[\r\n\t]/.test(value) ? ['a path is one line', 'write it in one line, without tabs'] : undefined;
}
