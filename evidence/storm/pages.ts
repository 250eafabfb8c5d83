/** Clients that are browsers: they load the page and all its assets, use the API, keep the tab open, and come back to it later. */
import { Agent } from 'node:http';
import { problemOf, send, type Answer } from './http.ts';
import type { Tally } from './tally.ts';

export interface Visitor {
  readonly base: URL;
  readonly tally: Tally;
  running(): boolean;
  /** Counts the moments at which the sets of older pages may be gone: a tab opened before the last one asks for no assets any more. */
  epoch(): number;
}

const betweenMs = 150;
const looks = 8;

/** Opens a tab, loads everything that the page names, and goes on using it for a while, assets included. */
export async function visit(visitor: Visitor): Promise<void> {
  while (visitor.running()) {
    const tab = new Tab(visitor);
    await tab.use().catch((error: unknown) => visitor.tally.bad('page', problemOf(error)));
    tab.close();
  }
}

class Tab {
  readonly #visitor: Visitor;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #cookies = new Map<string, string>();
  readonly #epoch: number;

  constructor(visitor: Visitor) {
    this.#visitor = visitor;
    this.#epoch = visitor.epoch();
  }

  async use(): Promise<void> {
    const page = await this.#ask('/', { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' });
    if (page === undefined) return;
    const assets = named(page.body);
    if (assets.length === 0) return this.#visitor.tally.bad('page', 'it names no assets');
    await Promise.all(assets.map(async (path) => this.#asset(path)));
    for (let look = 0; look < looks && this.#visitor.running(); look += 1) {
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
      await this.#ask('/api/health', { accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' });
      const path = assets[look % assets.length];
      if (path !== undefined && this.#visitor.epoch() === this.#epoch) await this.#asset(path);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #asset(path: string): Promise<void> {
    await this.#ask(path, { accept: '*/*', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': path.endsWith('.css') ? 'style' : 'script' });
  }

  async #ask(path: string, headers: Readonly<Record<string, string>>): Promise<Answer | undefined> {
    const { base, tally } = this.#visitor;
    const started = performance.now();
    try {
      const answer = await send(base, { method: 'GET', path, headers: { ...headers, ...this.#cookie() } }, this.#agent);
      this.#remember(answer);
      if (answer.status === 200) {
        tally.good('page', performance.now() - started);
        return answer;
      }
      tally.bad('page', `${answer.status} ${path.replace(/-[\w-]{6,}\./, '-*.')}`);
    } catch (error) {
      tally.bad('page', problemOf(error));
    }
    return undefined;
  }

  #cookie(): Record<string, string> {
    const pairs = [...this.#cookies].map(([name, value]) => `${name}=${value}`);
    return pairs.length === 0 ? {} : { cookie: pairs.join('; ') };
  }

  #remember({ headers }: Answer): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (/;\s*max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

/** Scripts, styles and icons of the same origin. */
function named(html: string): string[] {
  const found = [...html.matchAll(/<(?:script|link)\b[^>]*?\s(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
  return [...new Set(found)].filter((path) => !path.startsWith('//'));
}
