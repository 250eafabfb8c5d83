/** `gantry dashboard [ENV]`: serves the dashboard of this folder's app until Ctrl-C; what runs goes on without it. */
import { once } from 'node:events';
import { openDashboard, type Dashboard } from '../dashboard.ts';
import { openEnvironment } from '../environment.ts';
import type { Io, Run } from '../io.ts';
import { portProblem } from '../local.ts';
import { json, say } from '../print/text.ts';
import { appFolder } from '../project.ts';
import { portOf } from '../starting.ts';

const defaultPort = 8081;

export const run: Run = async (io, args) => {
  const environment = args.words['env'];
  const port = portOf(args.options['port'], '--port');
  if (environment !== undefined) await openEnvironment(io, environment, 'dashboard');
  const dashboard = await opened(io, port);
  const link = dashboard.link(environment);
  json(io, { url: dashboard.url, link });
  say(io, `  Dashboard  ${link}`);
  say(io, '  The link is good for one browser. Ctrl-C ends the dashboard, and nothing else.');
  if (!io.signal.aborted) await once(io.signal, 'abort');
  await dashboard.close();
  return 0;
};

/** @throws GantryError GL1004 when the port that was asked for is taken */
async function opened(io: Io, port: number | undefined): Promise<Dashboard> {
  const dashboard = await openDashboard(io, appFolder(io.cwd), port ?? defaultPort);
  if (port === undefined || Number(new URL(dashboard.url).port) === port) return dashboard;
  await dashboard.close();
  throw await portProblem(port, { code: 'EADDRINUSE', message: '' });
}
