/** What is known about the frameworks and ready-made servers of Node: where they put their files and what they listen on. */

export interface SiteBuilder {
  /** The package that gives it away. */
  readonly dependency: string;
  readonly title: string;
  readonly dir: string;
  /** Whether the browser does the routing, so that unknown paths get index.html. */
  readonly singlePage: boolean;
}

/** Tools whose result is a folder of files. The first match counts. */
export const siteBuilders: readonly SiteBuilder[] = [
  { dependency: 'react-scripts', title: 'Create React App', dir: 'build', singlePage: true },
  { dependency: '@vue/cli-service', title: 'Vue CLI', dir: 'dist', singlePage: true },
  { dependency: '@angular/cli', title: 'Angular', dir: 'dist', singlePage: true },
  { dependency: 'gatsby', title: 'Gatsby', dir: 'public', singlePage: false },
  { dependency: '@docusaurus/core', title: 'Docusaurus', dir: 'build', singlePage: false },
  { dependency: '@11ty/eleventy', title: 'Eleventy', dir: '_site', singlePage: false },
  { dependency: 'vitepress', title: 'VitePress', dir: '.vitepress/dist', singlePage: false },
  { dependency: 'astro', title: 'Astro', dir: 'dist', singlePage: false },
  { dependency: 'parcel', title: 'Parcel', dir: 'dist', singlePage: true },
  { dependency: 'vite', title: 'Vite', dir: 'dist', singlePage: true },
];

export interface AppServer {
  readonly dependency: string;
  readonly title: string;
  readonly port: number;
  /** When package.json has no start script. */
  readonly run: string;
  /** Answers `/` by itself. */
  readonly pages: boolean;
}

/** Frameworks that build a server and read PORT by themselves. */
export const appServers: readonly AppServer[] = [
  { dependency: 'next', title: 'Next.js', port: 3000, run: 'node_modules/.bin/next start', pages: true },
  { dependency: 'nuxt', title: 'Nuxt', port: 3000, run: 'node .output/server/index.mjs', pages: true },
  { dependency: '@remix-run/serve', title: 'Remix', port: 3000, run: 'node_modules/.bin/remix-serve build/server/index.js', pages: true },
  {
    dependency: '@react-router/serve',
    title: 'React Router',
    port: 3000,
    run: 'node_modules/.bin/react-router-serve build/server/index.js',
    pages: true,
  },
  { dependency: '@sveltejs/adapter-node', title: 'SvelteKit', port: 3000, run: 'node build', pages: true },
  { dependency: '@astrojs/node', title: 'Astro', port: 4321, run: 'node dist/server/entry.mjs', pages: true },
  { dependency: '@nestjs/core', title: 'NestJS', port: 3000, run: 'node dist/main.js', pages: false },
];

/** Libraries with which people write servers. */
export const serverLibraries: ReadonlySet<string> = new Set([
  'express',
  'koa',
  'fastify',
  '@hapi/hapi',
  'hono',
  '@hono/node-server',
  'restify',
  'polka',
  'connect',
  'micro',
  'ws',
  'socket.io',
  'apollo-server',
  '@apollo/server',
  'graphql-yoga',
  '@feathersjs/feathers',
  'h3',
  'json-server',
  '@trpc/server',
  'moleculer',
  'sails',
  'loopback',
  'total4',
]);

/** Programs published on npm that people run without code of their own. */
export interface PublishedServer {
  readonly port: number;
  readonly fixed: boolean;
  readonly health: string;
  /** Variables that move its data out of the folder, as folders to be made. */
  readonly data: readonly string[];
}

export const publishedServers: Readonly<Record<string, PublishedServer>> = {
  verdaccio: { port: 4873, fixed: true, health: '/-/ping', data: ['XDG_CONFIG_HOME'] },
  'json-server': { port: 3000, fixed: true, health: '/', data: [] },
  'http-server': { port: 8080, fixed: false, health: '/', data: [] },
  serve: { port: 3000, fixed: false, health: '/', data: [] },
  'node-red': { port: 1880, fixed: false, health: '/', data: ['NODE_RED_HOME'] },
  n8n: { port: 5678, fixed: true, health: '/healthz', data: ['N8N_USER_FOLDER'] },
};

export const nodeClients: Readonly<Record<string, 'postgres' | 'redis' | 'mysql' | 'mongodb' | 'sqlite'>> = {
  pg: 'postgres',
  postgres: 'postgres',
  'pg-promise': 'postgres',
  slonik: 'postgres',
  '@neondatabase/serverless': 'postgres',
  'pg-boss': 'postgres',
  redis: 'redis',
  ioredis: 'redis',
  iovalkey: 'redis',
  '@redis/client': 'redis',
  bull: 'redis',
  bullmq: 'redis',
  'connect-redis': 'redis',
  mysql: 'mysql',
  mysql2: 'mysql',
  mariadb: 'mysql',
  mongodb: 'mongodb',
  mongoose: 'mongodb',
  sqlite3: 'sqlite',
  'better-sqlite3': 'sqlite',
  sqlite: 'sqlite',
  '@libsql/client': 'sqlite',
};
