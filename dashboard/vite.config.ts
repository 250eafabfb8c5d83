import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** `vite dashboard` serves the pages as they are edited; the API is asked where GANTRY_DASHBOARD says. */
const server = process.env['GANTRY_DASHBOARD'] ?? 'http://127.0.0.1:8081';

/** Puts the script that chooses the theme before everything else: a module would run only after the first paint. */
function early(): Plugin {
  let asset = '';
  return {
    name: 'early',
    apply: 'build',
    buildStart() {
      const source = readFileSync(new URL('src/early/theme.js', import.meta.url), 'utf8');
      asset = this.emitFile({ type: 'asset', name: 'theme.js', source });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => /^assets\/theme-[\w-]+\.js$/.test(name));
        if (asset === '' || file === undefined) throw new Error('the theme script is not in the bundle');
        return [{ tag: 'script', attrs: { src: `/${file}` }, injectTo: 'head-prepend' }];
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), early()],
  worker: { format: 'es' },
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: ['chrome123', 'firefox125', 'safari17.5'],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' },
  },
  server: { host: '127.0.0.1', proxy: { '/api': { target: server, changeOrigin: true } } },
});
