import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `vite dashboard` serves the pages as they are edited; the API is asked where GANTRY_DASHBOARD says. */
const server = process.env['GANTRY_DASHBOARD'] ?? 'http://127.0.0.1:8081';

export default defineConfig({
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: ['chrome123', 'firefox125', 'safari17.5'],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    license: true,
  },
  server: { host: '127.0.0.1', proxy: { '/api': { target: server, changeOrigin: true } } },
});
