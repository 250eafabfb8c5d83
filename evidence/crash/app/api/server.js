/** Answers with what it is: release and edition. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const edition = readFileSync('edition.txt', 'utf8').trim();
const server = createServer((_request, response) => response.end(`${process.env.GANTRY_RELEASE} ${edition} ${process.env.EDITION}`));
server.keepAliveTimeout = 65_000;
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
