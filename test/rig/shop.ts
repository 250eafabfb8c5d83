/** A tiny app and the releases that a person makes of it on the command line. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Status } from '../../src/platforms/platform.ts';
import { emptyFolder, type AppFolder, type Result } from './gantry.ts';
import { until } from './until.ts';

/** What `deploy --json` and `rollback --json` print, as far as tests look at it. */
export interface Released {
  readonly outcome: string;
  readonly release: string;
  readonly number: number;
  readonly serves: { readonly release: string; readonly number: number };
  readonly url: string;
}

/** An element of `releases --json`. */
export interface Listed {
  readonly number: number;
  readonly release: string;
  readonly operation: string;
  readonly outcome: string;
  readonly live: boolean;
  readonly runnable: boolean;
  readonly failed: { readonly step: string; readonly code: string } | null;
}

export interface UnderWay {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
}

export interface Shop {
  readonly app: AppFolder;
  /** Puts the app file and the version that the server answers with into the folder. @param more lines of its program */
  write(file: string, version: string, more?: string): void;
  status(): Promise<Status>;
  /** Newest first. */
  releases(): Promise<Listed[]>;
  live(): Promise<Listed | undefined>;
  /** What a user gets. */
  answer(): Promise<string>;
  deploy(version: string): Promise<Released>;
  /** A deploy that stands still with a share of the requests on the next set. */
  inCanary(version: string, more?: string): Promise<UnderWay>;
  supervisorPid(): number;
  /** Ends what was started and not waited for. */
  endStarted(): void;
}

/** A server whose answer names its version. */
const server = (version: string): string =>
  `require('node:http').createServer((request, response) => response.end('${version}')).listen(process.env.PORT, process.env.HOST);\n`;

const appFile = (release: string): string => `gantry: 1
app: shop
services:
  web: { build: ./web, run: node main.js, port: 8080, route: /, health: /, scale: { min: 2, max: 4 } }
release: ${release}
`;
/** Without canary and bake. */
export const quick = appFile('{ canary: { share: 0 }, bake: 0s, keep: 2 }');
/** Stands still in the canary. */
export const slow = appFile('{ canary: { share: 20, duration: 10m }, bake: 10m, grace: 3s, keep: 2 }');

export function newShop(): Shop {
  const app = emptyFolder('shop');
  const started: ChildProcess[] = [];
  mkdirSync(join(app.folder, 'web'), { recursive: true });
  const write: Shop['write'] = (file, version, more = '') => {
    writeFileSync(join(app.folder, 'gantry.yaml'), file);
    writeFileSync(join(app.folder, 'web/main.js'), `${more}${server(version)}`);
  };
  const status: Shop['status'] = async () => app.json<Status>(['status', 'local']);
  const releases: Shop['releases'] = async () => app.json<Listed[]>(['releases', 'local']);
  return {
    app,
    write,
    status,
    releases,
    live: async () => (await releases()).find((entry) => entry.live),
    answer: async () => (await fetch((await status()).url)).text(),
    deploy: async (version) => {
      write(quick, version);
      return app.json<Released>(['deploy', 'local']);
    },
    inCanary: async (version, more) => {
      write(slow, version, more);
      const child = app.start(['deploy', 'local']);
      started.push(child);
      const ended = outputOf(child);
      await until('the canary', async () => (await status()).operation?.step === 'canary', 20_000);
      return { child, ended };
    },
    supervisorPid: () => {
      const log = readFileSync(join(app.folder, '.gantry/logs/supervisor.log'), 'utf8');
      return Number([...log.matchAll(/supervisor: started \(pid ([0-9]+)\)/g)].at(-1)?.[1]);
    },
    endStarted: () => {
      for (const child of started.splice(0)) child.kill('SIGKILL');
    },
  };
}

async function outputOf(child: ChildProcess): Promise<Result> {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...output })));
}
