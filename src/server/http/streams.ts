/** `GET /api/events`: the hub's streams as text/event-stream, each as fast as its reader. */
import type { ServerResponse } from 'node:http';
import { GantryError } from '../../errors.ts';
import { topics, type EventsQuery, type Topic } from '../api/index.ts';
import { textOf } from '../events/text.ts';
import type { Interest, Sink } from '../hub.ts';
import type { Parts } from '../parts.ts';

export interface Streams {
  /**
   * What begins a stream that ends with the client or with the server; its last argument is called every few seconds until then.
   * @throws GantryError GC2004 for an unknown topic, GC1003 for an unknown environment, GC2009 when there are too many
   */
  open(query: EventsQuery): Promise<(response: ServerResponse, onBeat: () => void) => void>;
  close(): void;
}

/** Bytes that wait for a slow reader, at most; what changes meanwhile is told as it is then. */
const fullAt = 256 * 1024;

/** A browser has one for all its tabs; without SharedWorker, one for each. */
const mostStreams = 128;

interface Client {
  readonly response: ServerResponse;
  readonly onBeat: () => void;
}

/** @param beatMs between two signs of life, by which a client notices that the server is gone */
export function createStreams(parts: Parts, beatMs: number): Streams {
  const clients = new Set<Client>();
  const beat = setInterval(() => clients.forEach(sendBeat), beatMs);
  const begin = (interests: ReadonlySet<Interest>, after: string | undefined, client: Client): void => {
    const { response } = client;
    if (response.closed) return;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(': gantry\n\n');
    clients.add(client);
    const stream = parts.hub.open(interests, after, sinkOf(response));
    response.once('close', () => {
      clients.delete(client);
      stream.close();
    });
  };
  return {
    async open(query) {
      const interests = await interestsOf(query, parts);
      if (clients.size >= mostStreams) throw new GantryError('GC2009', `${mostStreams} pages of the dashboard are open already.`);
      return (response, onBeat) => begin(interests, query.after, { response, onBeat });
    },
    close() {
      clearInterval(beat);
      for (const { response } of clients) response.end();
    },
  };
}

/** One that does not read gets no sign of life either: it would only wait with the rest. */
function sendBeat({ response, onBeat }: Client): void {
  onBeat();
  if (!response.writableNeedDrain) response.write(': beat\n\n');
}

async function interestsOf({ topic }: EventsQuery, parts: Parts): Promise<ReadonlySet<Interest>> {
  const wanted = new Set([topic ?? []].flat());
  await Promise.all([...new Set([...wanted].map(environmentOf))].map((name) => parts.environment(name)));
  return wanted as ReadonlySet<Interest>;
}

/** @throws GantryError GC2004 when there is no such topic */
function environmentOf(interest: string): string {
  const at = interest.lastIndexOf('/');
  if (at > 0 && topics.includes(interest.slice(at + 1) as Topic)) return interest.slice(0, at);
  const known = topics.map((topic) => `ENV/${topic}`).join(', ');
  throw new GantryError('GC2004', `"${interest}" is no topic. There are ${known}.`);
}

function sinkOf(response: ServerResponse): Sink {
  return {
    write(id, event) {
      response.write(`id: ${id}\ndata: ${textOf(event)}\n\n`);
      return response.writableLength < fullAt;
    },
    drained: () =>
      new Promise((resolve) => {
        if (response.destroyed || !response.writableNeedDrain) return resolve();
        response.once('drain', resolve).once('close', resolve);
      }),
  };
}
