// Answers with the release that it belongs to.
import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end(process.env.GANTRY_RELEASE));
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
