import { GantryError } from '../../errors.ts';
import { background } from '../../exec/exec.ts';
import { findProgram } from '../../exec/tool.ts';
import { platforms } from '../../platforms/index.ts';
import { openEnvironment } from '../environment.ts';
import type { Io, Run } from '../io.ts';
import { json, say } from '../print/text.ts';

const openers = process.platform === 'darwin' ? ['open'] : ['xdg-open', 'wslview'];

export const run: Run = async (io, args) => {
  const { target, context } = await openEnvironment(io, args.words['env'] ?? '', 'open');
  const { url, state } = await platforms[target.platform].status(context);
  if (state === 'stopped') throw new GantryError('GL1001', 'the app does not run', { where: context.folder });
  const opened = !io.flags.json && (await openInBrowser(io, url));
  json(io, { url });
  say(io, opened ? `Opened ${url}` : url);
  return 0;
};

/** False when this machine has no way to open a page, for example over SSH. */
async function openInBrowser(io: Io, url: string): Promise<boolean> {
  for (const opener of openers) {
    const program = await findProgram(opener, io.env['PATH'] ?? '');
    if (program === undefined) continue;
    const env = Object.fromEntries(Object.entries(io.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
    await background({ argv: [program, url], cwd: io.cwd, env, stdio: ['ignore', 'ignore', 'ignore'] });
    return true;
  }
  return false;
}
