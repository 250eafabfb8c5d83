/** Twenty thousand requests while the table is switched between replicas: none may fail. */
import { Agent, request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyOf, eventually, Fixture, ready } from './testing/fixture.ts';

const total = 20_000;
const clients = 32;

let fixture: Fixture;
/** How often each write arrived. */
const ledger = new Map<string, number>();
const failures: string[] = [];
let sent = 0;
let acknowledged = 0;

beforeAll(async () => {
  fixture = await Fixture.start();
});
afterAll(() => fixture.close());

async function replica(): Promise<{ port: number; close(): void }> {
  const own = new Fixture();
  const port = await own.backend((incoming, response) => {
    bodyOf(incoming).then(
      (body) => {
        if (incoming.method === 'POST') ledger.set(body, (ledger.get(body) ?? 0) + 1);
        response.end(body || 'ok');
      },
      () => response.destroy(),
    );
  });
  return { port, close: () => own.close() };
}

async function one(agent: Agent | false, body: string | undefined): Promise<void> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      { port: fixture.port, agent: agent === false ? new Agent() : agent, method: body === undefined ? 'GET' : 'POST', path: '/x' },
      resolve,
    );
    outgoing.on('error', reject).end(body);
  });
  const text = await bodyOf(answer);
  if (answer.statusCode !== 200 || text !== (body ?? 'ok')) throw new Error(`status ${answer.statusCode}: ${text.slice(0, 80)}`);
  if (body !== undefined) acknowledged += 1;
}

async function client(id: number): Promise<void> {
  const agent = id % 4 === 0 ? false : new Agent({ keepAlive: true, maxSockets: 1 });
  while (sent < total) {
    const number = sent++;
    await one(agent, number % 3 === 0 ? `write-${number}` : undefined).catch((error: Error) => failures.push(String(error)));
  }
  if (agent !== false) agent.destroy();
}

async function switchUntilDone(): Promise<number> {
  let switches = 0;
  let current = await Promise.all([replica(), replica()]);
  const named = (generation: number) => current.map(({ port }, at) => ready(`web-${generation}-${at}`, port));
  while (sent < total) {
    const old = current;
    const before = sent;
    await eventually('some requests have passed', () => sent >= Math.min(total, before + 200));
    current = await Promise.all([replica(), replica()]);
    switches += 1;
    await fixture.route(named(switches));
    for (const at of [0, 1]) expect(await fixture.ingress.drained(`web-${switches - 1}-${at}`, 5_000)).toBe(0);
    // Only now may the old replicas go: nothing is in flight there.
    for (const { close } of old) close();
  }
  fixture.onClose(() => current.forEach(({ close }) => close()));
  return switches;
}

it('fails no request and doubles no write', async () => {
  const first = await replica();
  await fixture.route([ready('web-0-0', first.port)]);
  const [switches] = await Promise.all([switchUntilDone(), ...Array.from({ length: clients }, async (_, id) => client(id))]);
  first.close();
  expect(failures).toEqual([]);
  expect(acknowledged).toBe(Math.ceil(total / 3));
  expect(ledger.size).toBe(acknowledged);
  expect([...ledger.values()].every((count) => count === 1)).toBe(true);
  expect(switches).toBeGreaterThan(20);
}, 120_000);
