/**
 * `npm run evidence [-- PART... --size ci|long --seed N --write]`: proves the promises about releases on this machine. The parts are
 * TypeScript; Vite, which runs the tests too, loads them.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createServer, createServerModuleRunner } from 'vite';

const root = join(import.meta.dirname, '..');
const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'], { stdio: 'inherit' });
if (built.status === 0) {
  const server = await createServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, watch: null, ws: false },
  });
  const runner = createServerModuleRunner(server.environments.ssr);
  try {
    const { main } = await runner.import(join(import.meta.dirname, 'main.ts'));
    process.exitCode = await main(process.argv.slice(2));
  } finally {
    await runner.close();
    await server.close();
  }
} else process.exitCode = 1;
