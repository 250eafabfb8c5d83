/** Answers that a replica owes are told apart from streams, and from clients that take or give slowly; over real sockets. */
import { get, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, Fixture, ready } from './testing/fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.start();
});
afterEach(() => fixture.close());

const service = () => fixture.ingress.stats().services.find(({ service }) => service === 'web');

/** A backend that hangs, drips, streams or reads, by path. */
async function backend(): Promise<void> {
  const port = await fixture.backend((incoming, response) => {
    incoming.resume();
    const drip = (type: string): void => {
      response.writeHead(200, { 'content-type': type });
      const timer = setInterval(() => response.write(type === 'text/event-stream' ? 'data: x\n\n' : 'x'), 100);
      response.on('close', () => clearInterval(timer));
    };
    if (incoming.url === '/drips') drip('text/plain');
    if (incoming.url === '/stream') drip('text/event-stream');
    if (incoming.url === '/quick') response.end('fine');
  });
  await fixture.route([ready('old', port)]);
}

function ask(path: string): void {
  const asked = get({ port: fixture.port, path, agent: false }, (answer: IncomingMessage) => answer.resume());
  asked.on('error', () => undefined);
  fixture.onClose(() => asked.destroy());
}

it('counts an answer that does not come, and one that does not end, once a second has passed', async () => {
  await backend();
  ask('/hangs');
  ask('/drips');
  ask('/quick');
  await eventually('all three are counted', () => service()?.requests === 1 && service()?.inFlight === 2);
  expect(service()?.awaited).toBe(0);
  await eventually('two are awaited', () => service()?.awaited === 2);
  expect(service()?.inFlight).toBe(2);
});

it('counts no event stream and no upload that is still coming', async () => {
  await backend();
  ask('/stream');
  const upload = request({ port: fixture.port, path: '/upload', method: 'POST', agent: false, headers: { 'content-length': 1000 } });
  upload.on('error', () => undefined);
  upload.write('some');
  fixture.onClose(() => upload.destroy());
  ask('/hangs');
  await eventually('only the one that hangs is awaited', () => service()?.awaited === 1);
  expect(service()).toMatchObject({ inFlight: 3, awaited: 1 });
});

it('counts requests that wait for a replica', async () => {
  await fixture.route([]);
  const client = connect(fixture.port, '127.0.0.1');
  client.on('error', () => undefined);
  fixture.onClose(() => client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually('it is awaited', () => service()?.awaited === 1);
  expect(service()).toMatchObject({ requests: 0, inFlight: 1 });
});
