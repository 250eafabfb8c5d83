/** Runs once for all tabs of this origin: a browser opens only six connections to a host, and each tab would need one for itself. */
import { Broker } from './broker.ts';

const broker = new Broker();

addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0];
  if (port !== undefined) broker.add(port);
});
