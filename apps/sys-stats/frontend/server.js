import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const file = (name, type) => ({ type, content: readFileSync(new URL(`./public/${name}`, import.meta.url)) });

const files = {
  '/': file('index.html', 'text/html; charset=utf-8'),
  '/stats.css': file('stats.css', 'text/css'),
  '/stats.js': file('stats.js', 'text/javascript'),
  '/health': { type: 'text/plain', content: 'ok' },
};

const server = createServer((request, response) => {
  const found = files[request.url.split('?')[0]];
  response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' });
  response.end(found?.content ?? 'not found');
});

const port = Number(process.env.PORT ?? 3000);
server.listen(port, process.env.HOST, () => console.log(`sys-stats frontend listens on port ${port}`));
process.on('SIGTERM', () => server.close());
