'use strict';

const { log } = require('./log');

/** One participant of a room with a connection of its own, and everything mediasoup holds for it. */
class Peer {
  joined = false;
  displayName = undefined;
  device = undefined;
  rtpCapabilities = undefined;
  /** Whether it wants data consumers. */
  consumesData = false;
  /** A new connection has taken its id. */
  replaced = false;
  /** Its media path has broken. */
  lost = false;
  transports = new Map();
  producers = new Map();
  consumers = new Map();
  dataProducers = new Map();
  dataConsumers = new Map();
  /** Those of its data producers that are offered to whoever joins. */
  offeredData = new Set();

  #connection;
  #transport;
  #joinTimer;

  /** `connection` is the protoo peer upon `transport`. */
  constructor(connection, transport, { dialect, remoteAddress }) {
    this.id = connection.id;
    this.dialect = dialect;
    this.remoteAddress = remoteAddress;
    this.#connection = connection;
    this.#transport = transport;
  }

  get closed() {
    return this.#connection.closed;
  }

  /** The transport on which this peer receives; unknown until the client has created it. */
  get consumingTransport() {
    return [...this.transports.values()].find((transport) => transport.appData.receives);
  }

  onRequest(handler) {
    this.#connection.on('request', handler);
  }

  onNotification(handler) {
    this.#connection.on('notification', handler);
  }

  onClose(handler) {
    this.#connection.on('close', handler);
  }

  /** Tells it, in its dialect, what has happened. */
  tell(happening, facts) {
    for (const [method, data] of this.dialect.happenings[happening](facts)) this.notify(method, data);
  }

  /** Offers it a 'consumer' or 'dataConsumer', in its dialect; resolves when it has been accepted. */
  offer(what, facts) {
    return this.request(...this.dialect.offers[what](facts));
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
    this.#transport._connection.sendUTF(text);
  }

  /** Cuts the TCP connection without a word, as a broken network would. */
  drop() {
    const transport = this.#transport;
    if (transport.drop) transport.drop();
    else transport._connection.socket.destroy();
  }

  /** Closes it if it has not joined until then. */
  expectJoin(seconds) {
    this.#joinTimer = setTimeout(() => {
      if (this.joined) return;
      log(`${this.id}: did not join in ${seconds} s, closing the peer`);
      this.close();
    }, seconds * 1000);
    this.onClose(() => clearTimeout(this.#joinTimer));
  }

  closeTransports() {
    for (const transport of this.transports.values()) transport.close();
  }

  /** Its client learns in this way that its media path is gone. */
  lose() {
    this.lost = true;
    this.close();
  }

  /** Closes the connection; a WebSocket with code 4000. */
  close() {
    this.#connection.close();
  }
}

module.exports = { Peer };
