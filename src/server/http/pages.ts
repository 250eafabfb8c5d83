/** The built pages. Files named by their content are kept by browsers for good; the page itself is asked for every time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GantryError } from '../../errors.ts';
import { isApi } from './gate.ts';
import { answerRefusal } from './refusal.ts';

/** Of the folder with the pages; every other path is a view of the page itself. */
const ownFile = /^\/[\w-]+\.(?:js|css|svg|png|ico|json|webmanifest|txt)$/;

export async function addPages(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(serveFiles, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    index: false,
    dotfiles: 'ignore',
    redirect: false,
    suppressWarning: true,
    setHeaders: (reply) => void reply.header('vary', 'accept-encoding'),
  });
  app.setNotFoundHandler((request, reply) => answerPage(folder, request, reply));
}

/** What no route has: data and files that do not exist, or a view of the page. */
function answerPage(folder: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = decodeURIComponent(request.url.split('?', 1)[0] ?? '');
  if (isApi(path))
    return answerRefusal(reply, { status: 404, headers: {}, error: new GantryError('GC2004', `There is no ${request.method} ${path}.`) });
  if (path.startsWith('/assets/')) return reply.code(404).type('text/plain; charset=utf-8').send('There is no such file.\n');
  if (!existsSync(join(folder, 'index.html'))) return unbuilt(reply);
  const options = { cacheControl: false, preCompressed: true };
  return reply.sendFile(ownFile.test(path) ? path.slice(1) : 'index.html', folder, options);
}

function unbuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type('text/plain; charset=utf-8')
    .send('The pages of the dashboard are not built. Run `npm run build`, then reload.\n');
}
