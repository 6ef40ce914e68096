'use strict';

const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { once } = require('node:events');
const protoo = require('protoo-server');
const { loadCertificate } = require('./certificate');
const { DIALECTS } = require('./dialects');
const { BROADCASTER_APIS } = require('./dialects/broadcaster_apis');
const { RefusedError } = require('./errors');
const { serveRoutes } = require('./http_routes');
const { listenForJsonRpc } = require('./json_rpc');
const { Ledger } = require('./ledger');
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
  #ledger = new Ledger();
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
    return this.#origin.replace(/^http/, 'ws');
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

  /** Of the page, and of whoever is allowed. */
  get #origin() {
    const { address, port } = this.#httpServer.address();
    const { domain = address, insecureWs } = this.#options;
    const host = net.isIPv6(domain) ? `[${domain}]` : domain;
    return `${insecureWs ? 'http' : 'https'}://${host}:${port}`;
  }

  async #listen() {
    const { host, port } = this.#options;
    this.#httpServer.listen({ host, port });
    await once(this.#httpServer, 'listening');
  }

  async #startMedia() {
    const options = this.#options;
    this.#engine = await MediaEngine.create(options);
    this.#rooms = new Rooms({ engine: this.#engine, options, throttle: this.#throttle, ledger: this.#ledger });
    this.#httpServer.on('request', serveRoutes(this.#routes()));
    this.#webSocketServer = new protoo.WebSocketServer(this.#httpServer, {
      maxReceivedFrameSize: MAX_MESSAGE_BYTES,
      maxReceivedMessageSize: MAX_MESSAGE_BYTES,
      fragmentOutgoingMessages: true,
      fragmentationThreshold: MAX_MESSAGE_BYTES,
    });
    this.#webSocketServer.on('connectionrequest', (info, accept, reject) => {
      this.#connect(info, accept).catch((error) => {
        if (error instanceof RefusedError) return reject(error.code, error.message);
        log(`connection refused: ${error.message}`);
        return reject(500, error.message);
      });
    });
    if (options.jsonRpcPort !== undefined) await this.#listenForJsonRpc();
  }

  #routes() {
    const { protocol, testApi } = this.#options;
    const groups = [BROADCASTER_APIS[protocol](this.#rooms, () => this.#origin), pageRoutes(process.env.COSOUP_PAGE)];
    if (testApi) {
      groups.push(testRoutes({ rooms: this.#rooms, engine: this.#engine, ledger: this.#ledger, protocol,
        jsonRpcPort: () => this.jsonRpcPort }));
    }
    return groups;
  }

  /** Its methods are those of 2024, whatever is spoken elsewhere. */
  async #listenForJsonRpc() {
    const { host, jsonRpcPort } = this.#options;
    this.#jsonRpcServer = await listenForJsonRpc({
      host,
      port: jsonRpcPort,
      enter: async (roomId, peerId, transport) => {
        const { remoteAddress } = transport;
        (await this.#rooms.getOrCreate(roomId)).addPeer(peerId, transport, { dialect: DIALECTS[2024], remoteAddress });
      },
    });
  }

  async #connect({ request, socket }, accept) {
    const dialect = DIALECTS[this.#options.protocol];
    const { roomId, peerId, consumerReplicas } = dialect.admit({
      origin: request.headers.origin,
      query: new URL(request.url, this.#origin).searchParams,
      expectedOrigin: this.#origin,
    });
    const room = await this.#rooms.getOrCreate(roomId, consumerReplicas);
    room.addPeer(peerId, accept(), { dialect, remoteAddress: socket.remoteAddress });
  }
}

module.exports = { RoomServer };
