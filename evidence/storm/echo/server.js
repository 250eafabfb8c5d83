// The part of the Storm that Taskly does not have: slow uploads, a ticking event stream, WebSocket echo. No dependencies.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const tickMs = 500;
const streams = new Set();
const sockets = new Set();
let stopping = false;

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://echo');
  if (pathname === '/echo/health') return void response.writeHead(stopping ? 503 : 200).end('ok');
  if (pathname === '/echo/upload') return upload(request, response);
  if (pathname === '/echo/events') return events(response);
  response.writeHead(404).end();
});
server.keepAliveTimeout = 75_000;
server.on('upgrade', accept);
server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');

/** Answers with the number of bytes and their digest, so that a cut, doubled or mixed body shows. */
function upload(request, response) {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ bytes, sha256: hash.digest('hex') }));
  });
}

function events(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let number = 0;
  const tick = () => response.write(`id: ${++number}\ndata: tick\n\n`);
  tick();
  const timer = setInterval(tick, tickMs);
  streams.add(response);
  response.on('close', () => {
    clearInterval(timer);
    streams.delete(response);
  });
}

function accept(request, socket) {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  sockets.add(socket);
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = read(pending); frame !== undefined; frame = read(pending)) {
      pending = pending.subarray(frame.size);
      if (frame.opcode === 8) socket.end(write(8, frame.payload));
      else socket.write(write(frame.opcode === 9 ? 10 : 1, frame.payload));
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
}

/** Masked client frames of up to 125 bytes: the Storm sends nothing else. */
function read(bytes) {
  if (bytes.length < 6) return undefined;
  const length = bytes[1] & 0x7f;
  if (bytes.length < 6 + length) return undefined;
  const mask = bytes.subarray(2, 6);
  const payload = Buffer.from(bytes.subarray(6, 6 + length)).map((byte, index) => byte ^ mask[index % 4]);
  return { opcode: bytes[0] & 0x0f, payload, size: 6 + length };
}

function write(opcode, payload) {
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
}

const goingAway = Buffer.from([0x03, 0xe9]);

process.on('SIGTERM', () => {
  stopping = true;
  for (const response of streams) response.end();
  for (const socket of sockets) socket.end(write(8, goingAway));
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
