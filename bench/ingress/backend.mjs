/** A backend that answers every request with 1 KB. Prints its port. */
import { createServer } from 'node:http';

const body = Buffer.alloc(1024, 'x');
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 30_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
