/** The dashboard's server for the app of one folder. Loaded only by those who serve it: it brings the web server along. */
import { join } from 'node:path';
import { partsOf } from '../server/parts-of.ts';
import { startServer } from '../server/http/server.ts';
import { quietIo, servedApp } from './dashboard-app.ts';
import { distDir } from './dist.ts';
import { Interruption, type Io } from './io.ts';
import { whoAmI } from './local.ts';
import { printError } from './print/error.ts';

export interface Dashboard {
  /** `http://127.0.0.1:8081` */
  readonly url: string;
  /** The address with a fresh word by which one browser can sign in. @param environment whose page it opens; the first one without it */
  link(environment?: string): string;
  /** What was begun there goes on. */
  close(): Promise<void>;
}

/**
 * @param folder of the app file
 * @param port tried first; while it is taken, the next ones
 * @throws ProjectIssues, GantryError GA1001 when neither the files nor what serves say what there is to show
 */
export async function openDashboard(io: Io, folder: string, port: number): Promise<Dashboard> {
  const ending = new AbortController();
  const onBug = (error: unknown): void => void printError({ ...io, flags: { ...io.flags, json: false } }, error);
  const served = servedApp(quietIo(io, folder, ending.signal));
  await served.environments();
  const parts = partsOf(served, { who: whoAmI(), node: process.execPath, onBug });
  const server = await startServer({ parts, pages: join(distDir(), 'dashboard'), port, onBug });
  return {
    url: server.url,
    link: (environment) => linkTo(server.link(), environment),
    async close() {
      // As a terminal that closes: nobody has asked to take back what is under way.
      ending.abort(new Interruption('SIGHUP'));
      await server.close();
      await parts.close();
    },
  };
}

function linkTo(link: string, environment: string | undefined): string {
  const url = new URL(link);
  if (environment !== undefined) url.pathname = `/e/${environment}`;
  return url.href;
}
