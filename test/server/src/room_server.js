'use strict';

const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { once } = require('node:events');
const protoo = require('protoo-server');
const { broadcasterRoutes } = require('./broadcaster_routes');
const { loadCertificate } = require('./certificate');
const { serveRoutes } = require('./http_routes');
const { listenForJsonRpc } = require('./json_rpc');
const { MediaEngine } = require('./media_engine');
const { pageRoutes } = require('./page_routes');
const { Rooms } = require('./rooms');
const { testRoutes } = require('./test_routes');
const { Throttle } = require('./throttle');
const { log } = require('./log');

const MAX_MESSAGE_BYTES = 960000;

/** The whole server: HTTP(S), WebSocket and media. */
class RoomServer {
  /** Resolves when it listens on both the WebSocket port and the media port. */
  static async start(options) {
    const server = new RoomServer(options);
    try {
      await server.#listen();
      await server.#startMedia();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  #options;
  #httpServer;
  #webSocketServer;
  #jsonRpcServer;
  #throttle;
  #engine;
  #rooms;

  constructor(options) {
    this.#options = options;
    this.#throttle = new Throttle({ host: options.host, secret: process.env.NETWORK_THROTTLE_SECRET });
    this.#httpServer = options.insecureWs ? http.createServer() : https.createServer(loadCertificate(options));
  }

  get url() {
    const { address, port } = this.#httpServer.address();
    const host = net.isIPv6(address) ? `[${address}]` : address;
    return `${this.#options.insecureWs ? 'ws' : 'wss'}://${host}:${port}`;
  }

  get jsonRpcPort() {
    return this.#jsonRpcServer?.address()?.port;
  }

  /** Calls back once if the worker ends by itself. */
  onWorkerDied(handler) {
    this.#engine.once('died', handler);
  }

  async close() {
    this.#webSocketServer?.stop();
    this.#jsonRpcServer?.close();
    this.#rooms?.close();
    await this.#throttle.reset().catch((error) => log(error.message));
    await this.#engine?.close();
    this.#httpServer.close();
    this.#httpServer.closeAllConnections();
  }

  async #listen() {
    const { host, port } = this.#options;
    this.#httpServer.listen({ host, port });
    await once(this.#httpServer, 'listening');
  }

  async #startMedia() {
    const options = this.#options;
    this.#engine = await MediaEngine.create(options);
    this.#rooms = new Rooms({ engine: this.#engine, options, throttle: this.#throttle });
    const routes = [...broadcasterRoutes(this.#rooms), ...pageRoutes(process.env.COSOUP_PAGE)];
    if (options.testApi) routes.push(...testRoutes(this.#rooms, this.#engine, () => this.jsonRpcPort));
    this.#httpServer.on('request', serveRoutes(routes));
    this.#webSocketServer = new protoo.WebSocketServer(this.#httpServer, {
      maxReceivedFrameSize: MAX_MESSAGE_BYTES,
      maxReceivedMessageSize: MAX_MESSAGE_BYTES,
      fragmentOutgoingMessages: true,
      fragmentationThreshold: MAX_MESSAGE_BYTES,
    });
    this.#webSocketServer.on('connectionrequest', (info, accept, reject) => {
      this.#connect(info.request.url, accept, reject).catch((error) => {
        log(`connection refused: ${error.message}`);
        reject(500, error.message);
      });
    });
    if (options.jsonRpcPort === undefined) return;
    this.#jsonRpcServer = await listenForJsonRpc({
      host: options.host,
      port: options.jsonRpcPort,
      enter: async (roomId, peerId, transport) =>
        (await this.#rooms.getOrCreate(roomId)).addPeer(peerId, transport),
    });
  }

  async #connect(requestUrl, accept, reject) {
    const { searchParams } = new URL(requestUrl, 'ws://localhost');
    const roomId = searchParams.get('roomId');
    const peerId = searchParams.get('peerId');
    if (!roomId || !peerId) {
      reject(400, 'Connection request without roomId and/or peerId');
      return;
    }
    const consumerReplicas = Math.max(0, Number.parseInt(searchParams.get('consumerReplicas'), 10) || 0);
    const room = await this.#rooms.getOrCreate(roomId, consumerReplicas);
    room.addPeer(peerId, accept());
  }
}

module.exports = { RoomServer };
