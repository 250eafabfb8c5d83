/** Where something stands in the files: `services.web.health` -> `gantry.yaml:14:5`. Nothing is read before somebody asks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { positionsIn, type Locate, type Located } from '../../app/locate.ts';

const appFile = 'gantry.yaml';

/** What the environment's own file says goes before the app file. A path that is in neither gives the place of what is above it. */
export function locator(folder: string, environment: string): (path: string) => string {
  const files = new Map<string, Locate>();
  const inFile = (file: string, path: string): Located | undefined => {
    const locate = files.get(file) ?? positionsIn(readText(join(folder, file)));
    files.set(file, locate);
    return locate(path.split('.'));
  };
  const own = [`environments/${environment}.yaml`, `environments/${environment}.yml`];
  return (path) => {
    for (const file of own) {
      const found = inFile(file, path);
      if (found?.exact === true) return shown(file, found);
    }
    const found = inFile(appFile, path);
    return found === undefined ? appFile : shown(appFile, found);
  };
}

function shown(file: string, { line, column }: Located): string {
  return `${file}:${line}:${column}`;
}

/** Empty where there is no such file. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
