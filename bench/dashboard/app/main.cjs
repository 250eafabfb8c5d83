const { createServer } = require('node:http');

const body = Buffer.alloc(1024, 'x');
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 30_000;
server.listen(Number(process.env.PORT), process.env.HOST);
