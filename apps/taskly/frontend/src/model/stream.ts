export interface StreamEvent {
  name: string;
  data: string;
}

export interface StreamReader {
  /** Takes the next piece of text and returns the events that it completed. */
  push(text: string): StreamEvent[];
  lastId(): string;
  /** What the server asked to wait before a reconnect, in ms. */
  retry(): number | undefined;
}

/** Reads `text/event-stream` by hand: fetch shows status codes and beats, which EventSource hides. */
export function createStreamReader(startId: string): StreamReader {
  let rest = '';
  let name = '';
  let data: string[] = [];
  let lastId = startId;
  let retry: number | undefined;

  const fields: Record<string, (value: string) => void> = {
    event: (value) => void (name = value),
    data: (value) => void data.push(value),
    id: (value) => void (lastId = value),
    retry: (value) => void (retry = /^\d+$/.test(value) ? Number(value) : retry),
  };

  function finish(): StreamEvent[] {
    const done = data.length === 0 ? [] : [{ name: name === '' ? 'message' : name, data: data.join('\n') }];
    name = '';
    data = [];
    return done;
  }

  function line(text: string): StreamEvent[] {
    if (text === '') return finish();
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    fields[field]?.(colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, ''));
    return [];
  }

  function push(text: string): StreamEvent[] {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    return lines.flatMap(line);
  }

  return { push, lastId: () => lastId, retry: () => retry };
}
