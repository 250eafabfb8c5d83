/** Reads `text/event-stream`, as far as the server uses it. */

export interface Message {
  readonly id: string;
  readonly data: string;
}

/** Takes the text as it comes and calls back for every message that is complete; comments (heartbeats) are no messages. */
export function messageReader(onMessage: (message: Message) => void): (text: string) => void {
  let rest = '';
  let id = '';
  let data: string[] = [];
  const line = (text: string): void => {
    if (text === '') {
      if (data.length > 0) onMessage({ id, data: data.join('\n') });
      data = [];
    } else if (text.startsWith('data:')) data.push(valueOf(text, 5));
    else if (text.startsWith('id:')) id = valueOf(text, 3);
  };
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) line(each.endsWith('\r') ? each.slice(0, -1) : each);
  };
}

function valueOf(line: string, from: number): string {
  return line.slice(line[from] === ' ' ? from + 1 : from);
}
