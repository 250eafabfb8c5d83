/** Runs a script written in TypeScript: Node 20 does not, so it is bundled first, with the packages left outside. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * @param {string} root working folder of the script
 * @param {string} file path below root
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
export async function runTs(root, file, args) {
  const folder = join(root, 'node_modules', '.cache', `gantry-${process.pid}`);
  const target = join(folder, `${basename(file, '.ts')}.mjs`);
  mkdirSync(folder, { recursive: true });
  try {
    const bundled = await rolldown({
      cwd: root,
      input: file,
      platform: 'node',
      external: (id) => /^[\w@]/.test(id),
      tsconfig: join(root, 'tsconfig.json'),
    });
    await bundled.write({ file: target, format: 'esm', codeSplitting: false });
    await bundled.close();
    return spawnSync(process.execPath, [target, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
