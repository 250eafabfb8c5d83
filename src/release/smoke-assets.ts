/** The files that the front page of the next set names must be there: a page without its script is no page. */
import { GantryError } from '../errors.ts';
import type { Entry } from '../platforms/platform.ts';
import { answerOf, type Answer } from './smoke.ts';
import { assetsOf, type Asset } from './smoke-html.ts';
import { platformContext, type Work } from './work.ts';

const mostAssets = 50;
const atOnce = 6;
/** For all of them together. */
const deadlineMs = 10_000;
const mostRedirects = 3;

export interface AssetCheck {
  readonly asked: number;
  /** Blemishes that stop nothing: a first release without its icon, and what the live set lacks as well. */
  readonly missing: readonly string[];
}

interface Problem {
  readonly asset: Asset;
  /** `answered 404` */
  readonly what: string;
  readonly stops: boolean;
}

/** Does nothing for an app whose front page is not HTML. @throws GantryError GR3002 */
export async function checkAssets(work: Work): Promise<AssetCheck> {
  const signal = AbortSignal.any([work.signal, AbortSignal.timeout(deadlineMs)]);
  const problems: Problem[] = [];
  const next = await work.platform.entry('next', platformContext(work));
  const live = work.live === undefined ? undefined : await work.platform.entry('live', platformContext(work));
  const assets = hasFrontPage(work) ? (await frontPage(next, signal)).slice(0, mostAssets) : [];
  const queue = assets.values();
  const ask = async (): Promise<void> => {
    for (const asset of queue) {
      const what = await problemOf(next, asset, signal);
      if (what === undefined) continue;
      const wasSo = live !== undefined && (await namesInVain(live, asset, what, signal));
      problems.push({ asset, what, stops: !wasSo && (live !== undefined || asset.kind !== 'other') });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  work.signal.throwIfAborted();
  const fatal = problems.filter(({ stops }) => stops);
  if (fatal.length > 0) throw missing(fatal);
  return { asked: assets.length, missing: problems.map(({ asset }) => asset.path) };
}

function hasFrontPage({ app }: Work): boolean {
  return Object.values(app.services).some(({ route }) => route === '/');
}

async function frontPage(entry: Entry, signal: AbortSignal): Promise<Asset[]> {
  const { answer, url } = await follow(entry, '/', 'text/html,*/*', signal).catch(() => ({ answer: undefined, url: undefined }));
  if (answer === undefined || answer.status !== 200 || !isHtml(answer)) return [];
  return assetsOf(answer.body, url);
}

async function problemOf(entry: Entry, { path, kind }: Asset, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { answer } = await follow(entry, path, '*/*', signal);
    if (answer.status !== 200) return `answered ${answer.status}`;
    return kind !== 'other' && isHtml(answer) ? `answered a page instead of a ${kind}` : undefined;
  } catch (error) {
    return `got no answer (${(error as Error).message})`;
  }
}

/** What the page of the live set names and lacks in the same way is not the next one's doing. */
async function namesInVain(live: Entry, asset: Asset, what: string, signal: AbortSignal): Promise<boolean> {
  if ((await problemOf(live, asset, signal)) !== what) return false;
  return (await frontPage(live, signal)).some(({ path }) => path === asset.path);
}

async function follow(
  entry: Entry,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly url: URL }> {
  let url = new URL(path, entry.url);
  for (let redirects = 0; ; redirects += 1) {
    const answer = await answerOf(url, 'GET', { accept, ...entry.headers, connection: 'close' }, undefined, signal);
    const to = answer.status >= 300 && answer.status < 400 && answer.location !== undefined ? new URL(answer.location, url) : undefined;
    if (to === undefined || to.origin !== url.origin || redirects === mostRedirects) return { answer, url };
    url = to;
  }
}

function isHtml({ type = '' }: Answer): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(type);
}

function missing(problems: readonly Problem[]): GantryError {
  const [first] = problems;
  const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
  return new GantryError('GR3002', `the page / names ${first?.asset.path ?? ''}, which ${first?.what ?? ''}${more}`, {
    where: '/',
    lines: problems.map(({ asset, what }) => `${asset.path} ${what}`),
  });
}
