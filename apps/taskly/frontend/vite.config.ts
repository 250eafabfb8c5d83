import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const backend = process.env['TASKLY_BACKEND'] ?? 'http://127.0.0.1:3030';

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist/client', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, reportCompressedSize: false },
  server: { port: Number(process.env['PORT'] ?? 5173), proxy: { '/api': { target: backend } } },
});
