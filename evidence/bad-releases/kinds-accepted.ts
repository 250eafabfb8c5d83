/** Releases with a fault that rightly stops none: it harms no request, or shows only when the release after it comes. That one must work as ever. */
import type { Kind } from './kinds.ts';

const drafts: readonly Omit<Kind, 'reach' | 'codes'>[] = [
  {
    name: 'ignores-sigterm',
    what: 'does not react to SIGTERM: killed after its grace by the next release',
    defect: 'exports.stop = () => true;',
  },
  {
    name: 'leaves-children',
    what: 'ignores SIGTERM and has started programs that left its process group',
    defect:
      "exports.stop = () => true; require('node:child_process').spawn('setsid', ['sleep', '600'], { stdio: 'ignore', detached: true });",
  },
  {
    name: 'health-10mb',
    what: 'its health path sends ten megabytes: only the beginning is read',
    defect: "exports.health = (_request, response) => response.end('x'.repeat(1e7));",
  },
  {
    name: 'floods-its-log',
    what: 'prints twenty megabytes a second',
    defect: "const line = 'x'.repeat(1e6); setInterval(() => process.stdout.write(`${line}\\n`), 50);",
  },
  {
    name: 'prints-binary',
    what: 'prints what is no text',
    defect: "const bytes = require('node:crypto').randomBytes(1e5); setInterval(() => process.stdout.write(bytes), 50);",
  },
  {
    name: 'endless-line',
    what: 'prints a line of a hundred megabytes',
    defect: "const part = 'x'.repeat(1e6); for (let count = 0; count < 100; count += 1) process.stdout.write(part);",
  },
  {
    name: 'starts-slowly',
    what: 'takes two of the four seconds that it has to start',
    defect: 'exports.listen = (port, host, server) => setTimeout(() => server.listen(port, host), 2000);',
  },
];

export const accepted: readonly Kind[] = drafts.map((draft) => ({ reach: 'accepted', codes: [], ...draft }));
