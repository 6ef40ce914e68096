'use strict';

const { log } = require('./log');

/** One WebSocket participant of a room and everything mediasoup holds for it. */
class Peer {
  joined = false;
  displayName = undefined;
  device = undefined;
  rtpCapabilities = undefined;
  sctpCapabilities = undefined;
  transports = new Map();
  producers = new Map();
  consumers = new Map();
  dataProducers = new Map();
  dataConsumers = new Map();

  #connection;
  #webSocketTransport;

  /** `connection` is the protoo peer upon `webSocketTransport`. */
  constructor(connection, webSocketTransport) {
    this.id = connection.id;
    this.#connection = connection;
    this.#webSocketTransport = webSocketTransport;
  }

  get closed() {
    return this.#connection.closed;
  }

  /** The transport on which this peer receives; unknown until the client has created it. */
  get consumingTransport() {
    return [...this.transports.values()].find((transport) => transport.appData.consuming);
  }

  get info() {
    return { id: this.id, displayName: this.displayName, device: this.device };
  }

  onRequest(handler) {
    this.#connection.on('request', handler);
  }

  onClose(handler) {
    this.#connection.on('close', handler);
  }

  request(method, data) {
    return this.#connection.request(method, data);
  }

  /** A notification to a peer that is just going away is nobody's error. */
  notify(method, data) {
    this.#connection.notify(method, data)
      .catch((error) => log(`${this.id}: ${method} not delivered: ${error.message}`));
  }

  /** Sends any text frame, for which protoo has no call: it sends well-formed messages only. */
  sendText(text) {
    this.#webSocketTransport._connection.sendUTF(text);
  }

  /** Cuts the TCP connection without a word, as a broken network would. */
  drop() {
    const transport = this.#webSocketTransport;
    if (transport.drop) transport.drop();
    else transport._connection.socket.destroy();
  }

  closeTransports() {
    for (const transport of this.transports.values()) transport.close();
  }

  /** Closes the WebSocket with code 4000. */
  close() {
    this.#connection.close();
  }
}

module.exports = { Peer };
