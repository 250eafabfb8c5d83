'use strict';
// Loaded into programs that listen on a fixed port, so that several replicas of them run side by side: a server that asks for the
// declared port gets the replica's own one, on the loopback address. Everything else is left as it is. Needs nothing but Node.

const { Server } = require('node:net');

const [declared, own] = (process.env.GANTRY_PORT_MAP || '').split(':').map(Number);
const loopback = '127.0.0.1';

/** Node takes ports as numbers and as text. */
function isDeclared(port) {
  return (typeof port === 'number' || (typeof port === 'string' && port.trim() !== '')) && Number(port) === declared;
}

/** listen(options, ...), or listen(port, [host], [backlog], [callback]) where a missing host may also be written as null or undefined. */
function mapped(args) {
  const [first, second, ...rest] = args;
  if (typeof first === 'object' && first !== null && isDeclared(first.port))
    return [{ ...first, port: own, host: loopback, ipv6Only: false }, ...args.slice(1)];
  if (!isDeclared(first)) return args;
  const hasHost = typeof second === 'string' || second === undefined || second === null;
  return hasHost ? [own, loopback, ...rest] : [own, loopback, second, ...rest];
}

if (declared > 0 && own > 0) {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    return listen.apply(this, mapped(args));
  };
}
