import { expect, it } from 'vitest';
import { image, jsonFile, output, secret } from './parts.ts';

it('writes JSON with two spaces, keys in their order, and parts in their places', () => {
  const parts = jsonFile({
    b: 1,
    a: { url: secret('URL'), list: [output('net', 'id'), 'x', []], none: {} },
    gone: undefined,
    last: image('web', 'next'),
  });
  expect(parts).toEqual([
    '{\n  "b": 1,\n  "a": {\n    "url": ',
    { secret: 'URL' },
    ',\n    "list": [\n      ',
    { output: ['net', 'id'] },
    ',\n      "x",\n      []\n    ],\n    "none": {}\n  },\n  "last": ',
    { image: 'web', set: 'next' },
    '\n}\n',
  ]);
});

it('is plain JSON when there are no parts', () => {
  expect(jsonFile([null, true, 'a "quoted" text'])).toEqual(['[\n  null,\n  true,\n  "a \\"quoted\\" text"\n]\n']);
  expect(jsonFile(secret('ALONE', 'live'))).toEqual([{ secret: 'ALONE', set: 'live' }, '\n']);
});

it('takes no text of the document for the place of a part', () => {
  const parts = jsonFile({ a: 'part 0', b: secret('S'), c: 'say "part 1"', 'part 2': 'part 1' });
  expect(parts).toEqual(['{\n  "a": "part 0",\n  "b": ', { secret: 'S' }, ',\n  "c": "say \\"part 1\\"",\n  "part 2": "part 1"\n}\n']);
});
