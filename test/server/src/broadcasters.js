'use strict';

function keep(map, entity) {
  map.set(entity.id, entity);
  entity.observer.once('close', () => map.delete(entity.id));
}

/** A participant of a room that speaks HTTP. */
class Broadcaster {
  joined = false;
  transports = new Map();
  producers = new Map();
  consumers = new Map();
  dataProducers = new Map();
  dataConsumers = new Map();
  /** Those of its data producers that are offered to whoever joins. */
  offeredData = new Set();

  constructor({ id, displayName, device, remoteAddress, rtpCapabilities }) {
    Object.assign(this, { id, displayName, device, remoteAddress, rtpCapabilities });
  }

  closeTransports() {
    for (const transport of this.transports.values()) transport.close();
  }
}

/** The broadcasters of a room. */
class Broadcasters {
  #room;
  #broadcasters = new Map();

  constructor(room) {
    this.#room = room;
  }

  get all() {
    return [...this.#broadcasters.values()];
  }

  get(id) {
    return this.#broadcasters.get(id);
  }

  /** Nobody hears of it yet. */
  add(identity) {
    const broadcaster = new Broadcaster(identity);
    this.#broadcasters.set(broadcaster.id, broadcaster);
    return broadcaster;
  }

  join(broadcaster) {
    broadcaster.joined = true;
    this.#room.tellJoined('peerJoined', broadcaster);
  }

  remove(broadcaster) {
    broadcaster.closeTransports();
    this.#broadcasters.delete(broadcaster.id);
    if (broadcaster.joined) this.#room.tellJoined('peerLeft', { peerId: broadcaster.id });
  }

  /** Its id is taken by a newcomer. */
  replace(id) {
    const broadcaster = this.get(id);
    if (!broadcaster) return;
    broadcaster.closeTransports();
    this.#broadcasters.delete(id);
    if (broadcaster.joined) this.#room.tellJoined('peerReplaced', { peerId: id });
  }

  async createWebRtcTransport(broadcaster, options) {
    const { engine, router } = this.#room;
    const transport = await engine.createWebRtcTransport(router, options);
    keep(broadcaster.transports, transport);
    return engine.describeWebRtcTransport(transport);
  }

  /** Gives {id, ip, port, rtcpPort}. */
  async createPlainTransport(broadcaster, options) {
    const { engine, router } = this.#room;
    const transport = await engine.createPlainTransport(router, options);
    keep(broadcaster.transports, transport);
    const { id, tuple, rtcpTuple } = transport;
    return { id, ip: tuple.localAddress ?? tuple.localIp, port: tuple.localPort, rtcpPort: rtcpTuple?.localPort };
  }

  async produce(broadcaster, transport, options) {
    const producer = await transport.produce(options);
    keep(broadcaster.producers, producer);
    this.#room.announceProducer(broadcaster.id, producer);
    return producer;
  }

  async consume(broadcaster, transport, options) {
    const consumer = await transport.consume(options);
    keep(broadcaster.consumers, consumer);
    return consumer;
  }

  /** Peers that have joined already are not offered it. */
  async produceData(broadcaster, transport, options) {
    const dataProducer = await transport.produceData(options);
    keep(broadcaster.dataProducers, dataProducer);
    if (options.label !== 'bot') broadcaster.offeredData.add(dataProducer);
    dataProducer.observer.once('close', () => broadcaster.offeredData.delete(dataProducer));
    return dataProducer;
  }

  async consumeData(broadcaster, transport, options) {
    const dataConsumer = await transport.consumeData(options);
    keep(broadcaster.dataConsumers, dataConsumer);
    return dataConsumer;
  }
}

module.exports = { Broadcasters };
