/** The environments of a project, for what two of them cannot share. Files that are not right are left out: `check` says what is wrong. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadApp, loadEnvironment } from '../../app/load.ts';
import { maxFileBytes } from '../../app/text.ts';
import { targets } from '../../targets/index.ts';
import type { PlannedEnvironment } from '../guard.ts';

const mostFiles = 50;

/** @param own is among them, as it is given */
export async function environmentsOf(folder: string, own: PlannedEnvironment): Promise<readonly PlannedEnvironment[]> {
  const home = join(folder, 'environments');
  const names = existsSync(home) ? readdirSync(home).filter((name) => /\.ya?ml$/.test(name)) : [];
  const text = names.length === 0 ? undefined : readSmall(join(folder, 'gantry.yaml'));
  const loaded = text === undefined ? undefined : await loadApp({ path: 'gantry.yaml', text });
  if (loaded === undefined || 'issues' in loaded) return [own];
  const found = await Promise.all(
    names.slice(0, mostFiles).map(async (name) => {
      const file = readSmall(join(home, name));
      return file === undefined ? undefined : loadEnvironment({ path: `environments/${name}`, text: file }, loaded.app, targets);
    }),
  );
  return [own, ...found.flatMap((one) => (one === undefined || 'issues' in one || one.env.name === own.env.name ? [] : [one]))];
}

function readSmall(file: string): Buffer | undefined {
  try {
    return statSync(file).size > maxFileBytes ? undefined : readFileSync(file);
  } catch {
    return undefined;
  }
}
