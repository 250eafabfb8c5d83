import { expect, it } from 'vitest';
import { messageReader, type Message } from './sse.ts';

function readAll(...chunks: readonly string[]): Message[] {
  const messages: Message[] = [];
  const read = messageReader((message) => messages.push(message));
  for (const chunk of chunks) read(chunk);
  return messages;
}

it('puts together what came in pieces', () => {
  expect(readAll('id: a-1\nda', 'ta: {"x"', ':1}\n', '\n')).toEqual([{ id: 'a-1', data: '{"x":1}' }]);
});

it('takes comments as a sign of life only', () => {
  expect(readAll(': gantry\n\n', ': beat\n\n', 'id: a-2\ndata: x\n\n')).toEqual([{ id: 'a-2', data: 'x' }]);
});

it('reads lines of one message, and line ends of every kind', () => {
  expect(readAll('id: 1\r\ndata: a\r\ndata:b\r\n\r\nid: 2\ndata: c\n\n')).toEqual([
    { id: '1', data: 'a\nb' },
    { id: '2', data: 'c' },
  ]);
});

it('tells nothing of a message that has not ended', () => {
  expect(readAll('id: 1\ndata: a\n')).toEqual([]);
});
