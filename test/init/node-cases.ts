import { folder, json, lock } from './folder.ts';

const express = "const app = require('express')();\napp.get('/', (q, r) => r.send('hi'));\napp.listen(process.env.PORT || 4000);\n";

export const nodeCases = {
  'express-plain': folder({
    'package.json': json({ name: 'shop', scripts: { start: 'node index.js' }, dependencies: { express: '^5' } }),
    'package-lock.json': lock,
    'index.js': express,
  }),
  'express-fixed-port': folder({
    'package.json': json({ scripts: { start: 'node server.js' }, dependencies: { express: '^5' } }),
    'package-lock.json': lock,
    'server.js': "const app = require('express')();\napp.get('/healthz', ok);\napp.listen(5000, () => console.log('up'));\n",
  }),
  'express-no-start-script': folder({
    'package.json': json({ main: './lib/app.js', dependencies: { express: '4' } }),
    'lib/app.js': express,
  }),
  'express-const-port': folder({
    'package.json': json({ scripts: { start: 'NODE_ENV=production node app.js' }, dependencies: { express: '4' } }),
    'yarn.lock': '',
    'app.js': "const port = 7000;\napp.listen(port);\napp.get('/api/health', h)\n",
  }),
  'express-generator': folder({
    'package.json': json({ name: 'api', scripts: { start: 'node ./bin/www' }, dependencies: { express: '~4.16.1', 'cookie-parser': '1' } }),
    'bin/www': "var port = normalizePort(process.env.PORT || '3000');",
    'app.js': "app.use(express.static(path.join(__dirname, 'public')));\napp.use('/', indexRouter);\napp.use('/users', usersRouter);\n",
    'routes/users.js': "router.get('/', function(req, res) {});",
    'public/index.html': '<html></html>',
  }),
  koa: folder({
    'package.json': json({
      name: 'koa-api',
      type: 'module',
      scripts: { start: 'node src/main.js', build: 'tsc' },
      dependencies: { koa: '3', '@koa/router': '1' },
    }),
    'pnpm-lock.yaml': '',
    'src/main.js':
      "const { PORT = '3100', LOG_LEVEL = 'info' } = process.env;\nconst router = new Router({ prefix: '/api' });\nrouter.get('/health', ok);\napp.listen(PORT);\n",
  }),
  fastify: folder({
    'package.json': json({
      name: 'f',
      scripts: { start: 'node dist/main.js', build: 'tsc -p .' },
      dependencies: { fastify: '5', pg: '8' },
      devDependencies: { typescript: '5' },
    }),
    'package-lock.json': lock,
    'src/main.ts':
      "const app = fastify();\napp.get('/health/ready', ok);\napp.get('/health/live', ok);\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });\nawait app.listen({ port: Number(process.env.PORT ?? 3030), host: '0.0.0.0' });\n",
  }),
  nest: folder({
    'package.json': json({
      name: 'nest-shop',
      scripts: { start: 'nest start', build: 'nest build', 'start:prod': 'node dist/main' },
      dependencies: { '@nestjs/core': '11', '@nestjs/platform-express': '11', typeorm: '0.3', pg: '8' },
    }),
    'package-lock.json': lock,
    'src/main.ts': "app.setGlobalPrefix('api');\nawait app.listen(process.env.PORT ?? 3000);\n",
    'src/db.ts':
      'new DataSource({ host: process.env.DB_HOST, port: +process.env.DB_PORT, username: process.env.DB_USERNAME, password: process.env.DB_PASSWORD, database: process.env.DB_DATABASE })',
  }),
  next: folder({
    'package.json': json({
      name: 'site',
      scripts: { dev: 'next dev', build: 'next build', start: 'next start' },
      dependencies: { next: '16', react: '19' },
    }),
    'package-lock.json': lock,
  }),
  'next-export': folder({
    'package.json': json({ name: 'site', scripts: { build: 'next build', start: 'next start' }, dependencies: { next: '16' } }),
    'package-lock.json': lock,
    'next.config.mjs': "export default { output: 'export' }",
  }),
  hapi: folder({
    'package.json': json({ scripts: { start: 'node server' }, dependencies: { '@hapi/hapi': '21' } }),
    'npm-shrinkwrap.json': lock,
    'server.js': "const server = Hapi.server({ port: process.env.PORT || 3300 });\nserver.route({ method: 'GET', path: '/healthz' });",
  }),
  vite: folder({
    'package.json': json({ name: 'frontend', scripts: { dev: 'vite', build: 'vite build' }, devDependencies: { vite: '8' } }),
    'package-lock.json': lock,
    'index.html': '<html></html>',
    'vite.config.js': 'export default {}',
  }),
  'vite-outdir': folder({
    'package.json': json({ name: 'frontend', scripts: { build: 'vite build' }, devDependencies: { vite: '8' } }),
    'package-lock.json': lock,
    'index.html': '<html></html>',
    'vite.config.ts': "export default defineConfig({ build: { outDir: './public_html/' } })",
    'src/api.ts': 'fetch(import.meta.env.VITE_API_URL)',
  }),
  cra: folder({
    'package.json': json({
      name: 'old-react',
      scripts: { start: 'react-scripts start', build: 'react-scripts build' },
      dependencies: { 'react-scripts': '5' },
    }),
    'yarn.lock': '',
  }),
  angular: folder({
    'package.json': json({
      name: 'ng',
      scripts: { start: 'ng serve', build: 'ng build' },
      dependencies: { '@angular/core': '21' },
      devDependencies: { '@angular/cli': '21' },
    }),
    'package-lock.json': lock,
    'angular.json': json({ projects: { storefront: { architect: { build: { builder: '@angular/build:application' } } } } }),
  }),
  'vite-react-and-express': folder({
    'frontend/package.json': json({
      name: 'frontend',
      scripts: { dev: 'vite', build: 'vite build' },
      dependencies: { react: '19' },
      devDependencies: { vite: '8' },
    }),
    'frontend/package-lock.json': lock,
    'frontend/index.html': '<html></html>',
    'frontend/vite.config.js': "export default { server: { proxy: { '/api': 'http://localhost:3000' } } }",
    'api/package.json': json({ name: 'api', scripts: { start: 'node server.js' }, dependencies: { express: '5', pg: '8' } }),
    'api/package-lock.json': lock,
    'api/server.js':
      "app.get('/api/notes', list);\napp.get('/api/health', ok);\napp.listen(process.env.PORT || 3000);\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });",
  }),
  'root-server-and-client': folder({
    'package.json': json({
      name: 'mern',
      scripts: { start: 'node server.js', build: 'npm run build --prefix client' },
      dependencies: { express: '4', mongoose: '8' },
    }),
    'package-lock.json': lock,
    'server.js': "app.use('/api/items', items);\nmongoose.connect(process.env.MONGODB_URI);\napp.listen(process.env.PORT || 5000);",
    'client/package.json': json({
      name: 'client',
      scripts: { start: 'react-scripts start', build: 'react-scripts build' },
      dependencies: { 'react-scripts': '5' },
    }),
    'client/package-lock.json': lock,
    'client/public/index.html': '<html></html>',
  }),
  'workspaces-npm': folder({
    'package.json': json({ name: 'mono', private: true, workspaces: ['apps/*', 'packages/*'], scripts: { start: 'turbo run start' } }),
    'package-lock.json': lock,
    'apps/web/package.json': json({ name: '@mono/web', scripts: { build: 'vite build' }, devDependencies: { vite: '8' } }),
    'apps/web/index.html': '',
    'apps/api/package.json': json({
      name: '@mono/api',
      scripts: { build: 'tsc', start: 'node dist/main.js' },
      dependencies: { fastify: '5' },
    }),
    'apps/api/src/main.ts': "app.get('/api/things', x); app.listen({ port: Number(process.env.PORT) || 4100 })",
    'packages/ui/package.json': json({ name: '@mono/ui', scripts: { build: 'vite build' }, devDependencies: { vite: '8' } }),
  }),
  'workspaces-pnpm': folder({
    'package.json': json({ name: 'mono', private: true, packageManager: 'pnpm@10.0.0' }),
    'pnpm-lock.yaml': '',
    'pnpm-workspace.yaml': 'packages: [services/*]',
    'services/mail worker/package.json': json({ name: 'mail', scripts: { start: 'node index.js' }, dependencies: { bullmq: '5' } }),
    'services/mail worker/index.js': "new Worker('mail', run, { connection: { url: process.env.REDIS_URL } })",
    'services/shop/package.json': json({ name: 'shop', scripts: { start: 'node index.js' }, dependencies: { express: '5' } }),
    'services/shop/index.js': 'app.listen(process.env.PORT || 3000)',
  }),
  verdaccio: folder(
    { 'package.json': json({ name: 'registry', private: true, dependencies: { verdaccio: '^6.8.0' } }), 'package-lock.json': lock },
    '/home/ana/registry',
  ),
  'unknown-npm-server': folder({
    'package.json': json({ private: true, dependencies: { '@acme/mock-server': '1.0.0' } }),
    'package-lock.json': lock,
  }),
  'json-server': folder({
    'package.json': json({ name: 'mock', scripts: { start: 'json-server db.json' }, dependencies: { 'json-server': '0.17' } }),
    'package-lock.json': lock,
    'db.json': '{}',
  }),
  prisma: folder({
    'package.json': json({
      name: 'p',
      scripts: { start: 'node dist/index.js', build: 'tsc' },
      dependencies: { express: '5', '@prisma/client': '6' },
      devDependencies: { prisma: '6' },
    }),
    'package-lock.json': lock,
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}',
    'prisma/migrations/20260101_init/migration.sql': 'CREATE TABLE a();',
    'src/index.ts': 'app.listen(process.env.PORT || 3000)',
  }),
  'knex-and-secrets': folder({
    'package.json': json({
      name: 'k',
      scripts: { start: 'node index.js' },
      dependencies: { express: '5', knex: '3', pg: '8', ioredis: '6' },
    }),
    'package-lock.json': lock,
    'knexfile.js': 'module.exports = { client: "pg" }',
    'index.js':
      'const a = process.env.JWT_SECRET;\nconst b = process.env.SESSION_SECRET || "dev";\nnew Redis({ host: process.env.REDIS_HOST, port: process.env.REDIS_PORT, password: process.env.REDIS_PASSWORD });\nnew Pool();\napp.listen(process.env.PORT || 3000)',
  }),
  'env-example': folder({
    'package.json': json({ name: 'e', scripts: { start: 'node index.js' }, dependencies: { express: '5', pg: '8' } }),
    'package-lock.json': lock,
    'index.js': "app.get('/ready', ok); app.listen(process.env.PORT || 3000)",
    '.env.example':
      'PORT=3000\nDATABASE_URL=postgresql://shop:shop@localhost:5432/shop?schema=public # local\nLOG_LEVEL=info\nexport STRIPE_SECRET_KEY=\nGREETING="hello # world"\nPUBLIC_ORIGIN=http://localhost:3000\nEMPTY=\nNODE_ENV=development\nTEMPLATE=a${b}c\n',
    '.env': 'STRIPE_SECRET_KEY=do-not-read-me',
  }),
  mysql: folder({
    'package.json': json({ name: 'm', scripts: { start: 'node index.js' }, dependencies: { express: '5', mysql2: '3' } }),
    'package-lock.json': lock,
    'index.js': 'createPool({ host: process.env.DB_HOST, password: process.env.DB_PASSWORD });\napp.listen(process.env.PORT || 3000)',
  }),
  sqlite: folder({
    'package.json': json({ name: 's', scripts: { start: 'node index.js' }, dependencies: { express: '5', 'better-sqlite3': '12' } }),
    'package-lock.json': lock,
    'index.js': "new Database('data.db');\napp.listen(process.env.PORT || 3000)",
  }),
  'node-worker': folder({
    'package.json': json({ name: 'mailer', scripts: { start: 'node worker.js' }, dependencies: { ioredis: '6' } }),
    'package-lock.json': lock,
    'worker.js': 'new Redis(process.env.REDIS_URL)',
  }),
};
