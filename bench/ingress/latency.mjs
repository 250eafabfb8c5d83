/** Open-loop load at a fixed rate over keep-alive connections: latency counts from the moment at which a request was due. */
import { Agent, get } from 'node:http';

export async function latency(port, { rate = 1_000, seconds = 3 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: 50, scheduling: 'lifo' });
  await paced(agent, port, rate, 0.5);
  const samples = await paced(agent, port, rate, seconds);
  agent.destroy();
  samples.sort((a, b) => a - b);
  return { p50: samples[Math.floor(samples.length * 0.5)], p99: samples[Math.floor(samples.length * 0.99)] };
}

async function paced(agent, port, rate, seconds) {
  const count = rate * seconds;
  const samples = [];
  const began = performance.now();
  await new Promise((resolve, reject) => {
    let sent = 0;
    const tick = () => {
      const due = Math.min(count, Math.floor(((performance.now() - began) * rate) / 1_000));
      for (; sent < due; sent++) one(agent, port, (ms) => samples.push(ms) === count && resolve(), reject);
      if (sent < count) setImmediate(tick);
    };
    tick();
  });
  return samples;
}

function one(agent, port, done, fail) {
  const began = performance.now();
  const request = get({ agent, host: '127.0.0.1', port, path: '/api/items?page=2' }, (response) => {
    response.resume();
    response.on('end', () =>
      response.statusCode === 200 ? done(performance.now() - began) : fail(new Error(`status ${response.statusCode}`)),
    );
  });
  request.on('error', fail);
}
