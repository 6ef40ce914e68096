'use strict';

const assert = require('node:assert/strict');
const net = require('node:net');
const readline = require('node:readline');
const { once } = require('node:events');
const { after, before, test } = require('node:test');
const { Client, ServerProcess, until } = require('./support');

let server;
let port;

before(async () => {
  server = await ServerProcess.start('--insecure-ws', '--test-api', '--json-rpc-port', '0');
  port = (await server.get('/test/server')).body.jsonRpcPort;
});

after(() => server.stop());

/** A line of JSON out, lines of JSON in. */
class Line {
  received = [];
  ended = false;

  constructor() {
    this.socket = net.connect(port, '127.0.0.1');
    readline.createInterface({ input: this.socket })
      .on('line', (line) => this.received.push(JSON.parse(line)))
      .on('close', () => { this.ended = true; });
  }

  async ask(id, method, params) {
    this.socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return until(`answer to ${method}`, () => this.received.find((message) => message.id === id && !message.method));
  }

  enter(roomId, peerId) {
    return this.ask(1, 'enter', { roomId, peerId });
  }
}

test('a client enters with JSON-RPC and is asked and told in JSON-RPC, in the words of 2024', async () => {
  const line = new Line();
  assert.deepEqual(await line.enter('mixed', 'jane'), { jsonrpc: '2.0', id: 1, result: {} });
  const capabilities = await line.ask(2, 'getRouterRtpCapabilities', {});
  assert.ok(capabilities.result.codecs.length > 0);
  await line.ask(3, 'join', { displayName: 'Jane', device: { flag: 'x', name: 'x', version: '1' } });
  const paul = await Client.connect(server, 'mixed', 'paul');
  await paul.join();
  const told = await until('newPeer', () => line.received.find(({ method }) => method === 'newPeer'));
  assert.equal(told.params.id, 'paul');
  assert.equal(told.id, undefined);
  line.socket.destroy();
});

test('an error is told as JSON-RPC tells it', async () => {
  const line = new Line();
  await line.enter('errors', 'jane');
  const { error } = await line.ask(2, 'nonsense', {});
  assert.equal(error.code, 500);
  assert.match(error.message, /nonsense/);
  line.socket.destroy();
});

test('whoever does not enter first is told so and cut off', async () => {
  const line = new Line();
  const { error } = await line.ask(7, 'join', {});
  assert.match(error.message, /expected enter/);
  await until('end', () => line.ended);
});

test('a peer that the server closes hears the code 4000', async () => {
  const line = new Line();
  await line.enter('closing', 'jane');
  await server.post('/test/rooms/closing/peers/jane/close');
  await until('end', () => line.ended);
  assert.deepEqual(line.received.at(-1).params, { code: 4000 });
});

test('a dropped peer is cut without a close code, and so it may come back', async () => {
  const client = await Client.connect(server, 'dropping', 'jane');
  const disconnected = once(client.protoo, 'disconnected');
  await server.post('/test/rooms/dropping/peers/jane/drop');
  await disconnected;
  assert.equal(client.protoo.closed, false);
  client.close();
});

test('a connection that is reset does not hurt the server', async () => {
  const line = new Line();
  await line.enter('resetting', 'jane');
  line.socket.resetAndDestroy();
  await until('the peer is gone', async () => (await server.get('/test/rooms/resetting')).status === 404);
});
