'use strict';

const net = require('node:net');
const readline = require('node:readline');
const { EventEmitter, once } = require('node:events');
const { log } = require('./log');

const VERSION = '2.0';

function toProtoo({ id, method, params, result, error }) {
  if (method !== undefined) {
    const data = params ?? {};
    return id === undefined ? { notification: true, method, data } : { request: true, id, method, data };
  }
  if (error) return { response: true, id, errorCode: error.code, errorReason: error.message };
  return { response: true, id, ok: true, data: result ?? {} };
}

function fromProtoo({ request, response, id, method, data, ok, errorCode, errorReason }) {
  if (request) return { jsonrpc: VERSION, id, method, params: data };
  if (!response) return { jsonrpc: VERSION, method, params: data };
  if (ok) return { jsonrpc: VERSION, id, result: data };
  return { jsonrpc: VERSION, id, error: { code: errorCode, message: errorReason } };
}

/**
 * What protoo takes for one of its own transports: the same messages as JSON-RPC 2.0, one a line,
 * over TCP. Emits 'message' and 'close'.
 */
class JsonRpcTransport extends EventEmitter {
  closed = false;

  #socket;

  constructor(socket) {
    super();
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress;
    socket.on('error', (error) => log(`JSON-RPC: ${error.message}`));
    socket.on('close', () => this.#end());
    // It passes on the errors of the socket, which are dealt with above.
    readline.createInterface({ input: socket })
      .on('line', (line) => this.#receive(line))
      .on('error', () => {});
  }

  async send(message) {
    if (this.closed) throw new Error('transport closed');
    this.#socket.write(`${JSON.stringify(fromProtoo(message))}\n`);
  }

  /** Says that it is meant, as the close code of a WebSocket does. */
  close() {
    if (this.closed) return;
    this.#socket.end(`${JSON.stringify({ jsonrpc: VERSION, method: 'closed', params: { code: 4000 } })}\n`);
    this.#end();
  }

  /** Ends the connection without a word. */
  drop() {
    this.#socket.destroy();
  }

  #receive(line) {
    let message;
    try {
      message = toProtoo(JSON.parse(line));
    } catch (error) {
      log(`JSON-RPC: ignored a message: ${error.message}`);
      return;
    }
    if (!this.closed) this.emit('message', message);
  }

  #end() {
    if (this.closed) return;
    this.closed = true;
    this.emit('close');
  }
}

/**
 * Listens for connections that speak JSON-RPC. Each begins with the request `enter` {roomId, peerId},
 * for which `enter(roomId, peerId, transport)` is called; what it throws is answered.
 */
async function listenForJsonRpc({ host, port, enter }) {
  const server = net.createServer((socket) => {
    const transport = new JsonRpcTransport(socket);
    transport.once('message', async ({ id, method, data }) => {
      try {
        if (method !== 'enter' || !data.roomId || !data.peerId) throw new Error('expected enter {roomId, peerId}');
        // What the client sends before it is answered is lost; what the server sends is not.
        await enter(data.roomId, data.peerId, transport);
        await transport.send({ response: true, id, ok: true, data: {} });
      } catch (error) {
        log(`JSON-RPC: connection refused: ${error.message}`);
        await transport.send({ response: true, id, errorCode: 400, errorReason: error.message }).catch(() => {});
        transport.close();
      }
    });
  });
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}

module.exports = { listenForJsonRpc };
