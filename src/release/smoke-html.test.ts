import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetsOf } from './smoke-html.ts';

const page = new URL('http://127.0.0.1:8080/app/');
const found = (html: string): string[] => assetsOf(html, page).map(({ kind, path }) => `${kind} ${path}`);

describe('the files that a page names', () => {
  it.each([
    ['<script src="/a.js"></script>', ['script /a.js']],
    ["<SCRIPT type=module SRC='b.js?v=1&amp;w=2'></SCRIPT>", ['script /app/b.js?v=1&w=2']],
    ['<script src=c.js defer></script>', ['script /app/c.js']],
    ['<link rel="stylesheet" href="./s.css"/>', ['style /app/s.css']],
    ['<link href=/m.js rel="modulepreload">', ['script /m.js']],
    ['<link rel=preload as=style href=/p.css><link rel=preload as=font href=/f.woff2>', ['style /p.css', 'other /f.woff2']],
    ['<link rel="shortcut icon" href="/favicon.ico"><link rel="manifest" href="/m.json">', ['other /favicon.ico', 'other /m.json']],
    ['<img alt="a > b" src="/i.png"><img src="/i.png">', ['other /i.png']],
    ['<base href="/base/"><script src="d.js"></script>', ['script /base/d.js']],
    ['<link rel="canonical" href="/x"><link rel="alternate" href="/feed.xml"><link rel=preconnect href=/y>', []],
    ['<script src="https://cdn.example.com/x.js"></script><script src="//cdn.example.com/y.js"></script>', []],
    ['<img src="data:image/png;base64,AAAA"><img src=""><img><img src="#x">', []],
    ['<!-- <script src="/old.js"></script> --><script src="/new.js"></script>', ['script /new.js']],
    ['<script>document.write(\'<script src="/not.js">\')</script><img src=/yes.png>', ['other /yes.png']],
    ['<template><img src="/t.png"></template><noscript><img src="/n.png"></noscript>', []],
    ['<p title="<img src=/q.png>">1 < 2</p>', []],
    ['<script src="/unclosed.js">', ['script /unclosed.js']],
    ['<!-- <img src="/x.png">', []],
    ['', []],
  ])('%s', (html, expected) => {
    expect(found(html)).toEqual(expected);
  });

  it('reads anything, and ends', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      ' ',
      '/',
      '<!--',
      '-->',
      '<script',
      '</script>',
      'src',
      '<img src="/a">',
      '&amp;',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) =>
        assetsOf(pieces.join(''), page).every(({ path }) => path.startsWith('/')),
      ),
    );
  });

  it.each(['<!--', '<script ', '<a "', '<img src=', '<a/ /'.padEnd(40), '<', '<link rel="'])('is quick on a megabyte of %j', (piece) => {
    const startedAt = performance.now();
    assetsOf(piece.repeat(1_000_000 / piece.length), page);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
