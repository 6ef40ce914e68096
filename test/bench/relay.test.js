'use strict';

const assert = require('node:assert');
const dgram = require('node:dgram');
const net = require('node:net');
const { once } = require('node:events');
const { after, before, describe, it } = require('node:test');
const { Relay } = require('./relay');

const ONE_WAY_MS = 100;
const RTT_MS = 2 * ONE_WAY_MS;
/** What a busy machine may add: less than a round trip, so that each is told from the next. */
const SLACK_MS = 0.9 * RTT_MS;

const elapsed = async (action) => {
  const began = performance.now();
  await action();
  return performance.now() - began;
};

function assertAbout(ms, expected) {
  assert.ok(ms >= expected - 2, `${ms} ms is less than ${expected} ms`);
  assert.ok(ms < expected + SLACK_MS, `${ms} ms is far more than ${expected} ms`);
}

describe('the relay', () => {
  let relay;
  const tcpEcho = net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  const udpEcho = dgram.createSocket('udp4');
  const sources = new Set();

  before(async () => {
    tcpEcho.listen(0, '127.0.0.1');
    udpEcho.bind(0, '127.0.0.1');
    udpEcho.on('message', (data, { port, address }) => {
      sources.add(port);
      udpEcho.send(data, port, address);
    });
    await Promise.all([once(tcpEcho, 'listening'), once(udpEcho, 'listening')]);
    relay = await Relay.start({ oneWayMs: ONE_WAY_MS });
    await relay.connect({ tcpPort: tcpEcho.address().port, udpPort: udpEcho.address().port });
  });

  after(async () => {
    await relay.close();
    tcpEcho.close();
    udpEcho.close();
  });

  const connect = async () => {
    const socket = net.connect(relay.tcpPort, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  it('charges a round trip for connecting and one for each exchange over TCP', async () => {
    let socket;
    const first = await elapsed(async () => {
      socket = await connect();
      socket.write('a');
      await once(socket, 'data');
    });
    assertAbout(first, 2 * RTT_MS);
    const second = await elapsed(async () => {
      socket.write('b');
      await once(socket, 'data');
    });
    assertAbout(second, RTT_MS);
    socket.destroy();
  });

  it('keeps TCP data whole and in order, and delays the end behind it', async () => {
    const socket = await connect();
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const received = [];
    socket.on('data', (data) => received.push(data));
    socket.end(sent);
    await once(socket, 'end');
    assert.ok(Buffer.concat(received).equals(sent));
  });

  it('charges a round trip over UDP, and gives each client a source port', async () => {
    sources.clear();
    for (let i = 0; i < 2; i += 1) {
      const socket = dgram.createSocket('udp4');
      const taken = await elapsed(async () => {
        socket.send('x', relay.udpPort, '127.0.0.1');
        await once(socket, 'message');
      });
      assertAbout(taken, RTT_MS);
      socket.close();
    }
    assert.strictEqual(sources.size, 2);
  });

  it('keeps UDP packets in order', async () => {
    const socket = dgram.createSocket('udp4');
    const received = [];
    const all = new Promise((resolve) => {
      socket.on('message', (data) => {
        received.push(data.readUInt16BE());
        if (received.length === 200) resolve();
      });
    });
    for (let i = 0; i < 200; i += 1) socket.send(Buffer.from([i >> 8, i & 255]), relay.udpPort, '127.0.0.1');
    await all;
    assert.deepStrictEqual(received, received.toSorted((a, b) => a - b));
    socket.close();
  });

  it('delays no flow that began while the delay was 0', async () => {
    relay.oneWayMs = 0;
    const socket = dgram.createSocket('udp4');
    const exchange = () => elapsed(async () => {
      socket.send('x', relay.udpPort, '127.0.0.1');
      await once(socket, 'message');
    });
    await exchange();
    relay.oneWayMs = ONE_WAY_MS;
    assert.ok(await exchange() < ONE_WAY_MS);
    socket.close();
  });
});
