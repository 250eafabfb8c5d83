/** Programs of the rig that run beside it: TypeScript bundled to one file that plain Node runs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';

const root = join(import.meta.dirname, '../..');

/** @returns the path of the bundle */
export async function bundle(entry: string, name: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache/gantry-evidence');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}-${process.pid}.mjs`);
  await build({
    input: entry,
    platform: 'node',
    external: [/^node:/],
    output: { file, format: 'esm', codeSplitting: false },
    logLevel: 'silent',
  });
  return file;
}
