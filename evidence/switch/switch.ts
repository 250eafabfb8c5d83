/** How users see a switch: the longest gap between two good answers, and the time from asking for a rollback until the old release has all requests. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { emptyFolder, type AppFolder } from '../../test/rig/gantry.ts';
import { until } from '../../test/rig/until.ts';
import { send } from '../storm/http.ts';
import { figure, told, type Part } from '../part.ts';

export interface SwitchResult {
  /** Of each deploy and rollback without canary and bake, ms. */
  readonly gapsMs: readonly number[];
  /** From the start of `gantry rollback` in the bake until the last answer of the next release, ms. */
  readonly rollbackMs: readonly number[];
  readonly failed: number;
  readonly requests: number;
}

const clients = 4;
const pauseMs = 2;

export async function switches(
  rounds: { readonly gaps: number; readonly rollbacks: number },
  log: (line: string) => void,
): Promise<SwitchResult> {
  const app = emptyFolder('switch');
  cpSync(join(import.meta.dirname, 'app'), join(app.folder, 'web'), { recursive: true });
  try {
    describeApp(app, 0, '0s');
    const { url } = await app.json<{ url: string }>(['up', '--detach']);
    const users = watchers(new URL(url));
    const gapsMs: number[] = [];
    for (let round = 1; round <= rounds.gaps; round += 1) {
      users.longestGapMs = 0;
      describeApp(app, round, '0s');
      await app.json(round % 3 === 0 ? ['rollback', 'local', '--yes'] : ['deploy', 'local', '--yes']);
      gapsMs.push(Math.round(users.longestGapMs));
    }
    log(`gaps: ${gapsMs.join(', ')} ms`);
    const rollbackMs: number[] = [];
    for (let round = 1; round <= rounds.rollbacks; round += 1) {
      describeApp(app, 1000 + round, '60s');
      rollbackMs.push(await rollback(app, users));
    }
    log(`rollbacks: ${rollbackMs.join(', ')} ms`);
    const { requests, failed } = await users.stop();
    return { gapsMs, rollbackMs, requests, failed };
  } finally {
    await app.remove();
  }
}

function describeApp({ folder }: AppFolder, edition: number, bake: string): void {
  mkdirSync(folder, { recursive: true });
  const text = `gantry: 1
app: switch
services:
  web:
    build: ./web
    run: node server.js
    port: 3000
    route: /
    health: /
    scale: { min: 3, max: 3 }
    variables: { EDITION: "${edition}" }
smoke:
  - { get: /, expect: { status: 200 } }
release: { canary: { share: 0 }, bake: ${bake}, drain: 5s }
`;
  writeFileSync(join(folder, 'gantry.yaml'), text);
}

interface Watchers {
  longestGapMs: number;
  /** By release: when the last request was sent that it answered; monotonic. */
  all(): ReadonlyMap<string, number>;
  stop(): Promise<{ readonly requests: number; readonly failed: number }>;
}

/** A few users who ask all the time, with kept and with fresh connections. */
function watchers(base: URL): Watchers {
  const seen = new Map<string, number>();
  const counts = { requests: 0, failed: 0 };
  let running = true;
  let lastGood = performance.now();
  const state: Watchers = {
    longestGapMs: 0,
    all: () => seen,
    stop: async () => {
      running = false;
      await Promise.all(loops);
      return counts;
    },
  };
  const loop = async (keepAlive: boolean): Promise<void> => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (running) {
      const sent = performance.now();
      const answer = await send(base, { method: 'GET', path: '/' }, agent).catch(() => undefined);
      counts.requests += 1;
      if (answer?.status === 200) {
        const now = performance.now();
        state.longestGapMs = Math.max(state.longestGapMs, now - lastGood);
        lastGood = now;
        seen.set(answer.body, Math.max(seen.get(answer.body) ?? 0, sent));
      } else counts.failed += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    agent.destroy();
  };
  const loops = Array.from({ length: clients }, async (_none, index) => loop(index % 2 === 0));
  return state;
}

interface Seen {
  readonly release: string;
  readonly share: number;
  readonly operation: { readonly step: string } | null;
}

/** Deploys with a long bake, and asks for the rollback as soon as users are on the new release. */
async function rollback(app: AppFolder, users: Watchers): Promise<number> {
  const status = async (): Promise<Seen> => app.json<Seen>(['status', 'local']);
  const { release: old } = await status();
  const deploy = app.run(['deploy', 'local', '--yes']);
  await until('the release bakes', async () => (await status()).operation?.step === 'bake', 30_000);
  const asked = performance.now();
  await app.run(['rollback', 'local', '--yes']);
  await deploy;
  const { release: now } = await status();
  if (now !== old) throw new Error(`release ${now} serves after the rollback, not ${old}`);
  const others = [...users.all()].filter(([release]) => release !== old).map(([, at]) => at);
  return Math.round(Math.max(0, Math.max(...others) - asked));
}

export const switchPart: Part = {
  name: 'switch',
  title: 'One switch, looked at closely',
  run: async ({ size, log }) => {
    const result = await switches(size === 'ci' ? { gaps: 12, rollbacks: 5 } : { gaps: 60, rollbacks: 30 }, log);
    return {
      details: result,
      figures: [
        figure('requests', result.requests, ''),
        figure('failed', result.failed, '0'),
        figure('longest gap between two good answers during a switch', Math.max(...result.gapsMs), '<= 100 ms', ' ms'),
        told('its median over the switches', `${median(result.gapsMs)} ms`),
        figure(
          'from the start of `gantry rollback` to the last request that the new release got',
          Math.max(...result.rollbackMs),
          '<= 1,000 ms',
          ' ms',
        ),
        told('its median', `${median(result.rollbackMs)} ms`),
      ],
    };
  },
};

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
