'use strict';

function requireString(value, name) {
  if (typeof value !== 'string' || !value) throw new TypeError(`missing ${name}`);
}

function find(map, thing, id) {
  const found = map.get(id);
  if (!found) throw new Error(`${thing} with id "${id}" does not exist`);
  return found;
}

/** Participants of a room that speak HTTP instead of protoo. */
class Broadcasters {
  #room;
  #broadcasters = new Map();

  constructor(room) {
    this.#room = room;
  }

  get all() {
    return [...this.#broadcasters.values()];
  }

  create({ id, displayName, device = {}, rtpCapabilities }) {
    requireString(id, 'body.id');
    requireString(displayName, 'body.displayName');
    requireString(device.name, 'body.device.name');
    if (rtpCapabilities !== undefined && typeof rtpCapabilities !== 'object') {
      throw new TypeError('wrong body.rtpCapabilities');
    }
    if (this.#broadcasters.has(id)) throw new Error(`broadcaster with id "${id}" already exists`);
    const info = { id, displayName, device: { flag: 'broadcaster', name: device.name, version: device.version } };
    this.#broadcasters.set(id, {
      id, info, rtpCapabilities,
      transports: new Map(), producers: new Map(), consumers: new Map(),
      dataProducers: new Map(), dataConsumers: new Map(),
    });
    this.#room.notifyJoined('newPeer', info);
    return { peers: rtpCapabilities ? this.#consumablePeers(rtpCapabilities) : [] };
  }

  delete(id) {
    const broadcaster = find(this.#broadcasters, 'broadcaster', id);
    for (const transport of broadcaster.transports.values()) transport.close();
    this.#broadcasters.delete(id);
    this.#room.notifyJoined('peerClosed', { peerId: id });
  }

  async createTransport(id, { type, rtcpMux = false, comedia = true, sctpCapabilities }) {
    const broadcaster = find(this.#broadcasters, 'broadcaster', id);
    const { engine, router } = this.#room;
    if (type === 'webrtc') {
      const transport = await engine.createWebRtcTransport(router, { sctpCapabilities });
      broadcaster.transports.set(transport.id, transport);
      return engine.describeWebRtcTransport(transport);
    }
    if (type !== 'plain') throw new TypeError('invalid type');
    const transport = await engine.createPlainTransport(router, { rtcpMux, comedia, sctpCapabilities });
    broadcaster.transports.set(transport.id, transport);
    const { tuple, rtcpTuple } = transport;
    return {
      id: transport.id,
      ip: tuple.localAddress ?? tuple.localIp,
      port: tuple.localPort,
      rtcpPort: rtcpTuple?.localPort,
    };
  }

  async connectTransport(id, transportId, { dtlsParameters }) {
    const { transport } = this.#locate(id, transportId);
    if (!transport.iceParameters) {
      throw new Error(`transport with id "${transportId}" is not a WebRtcTransport`);
    }
    if (!dtlsParameters) throw new TypeError('missing body.dtlsParameters');
    await transport.connect({ dtlsParameters });
  }

  async produce(id, transportId, { kind, rtpParameters }) {
    const { broadcaster, transport } = this.#locate(id, transportId);
    requireString(kind, 'body.kind');
    if (!rtpParameters) throw new TypeError('missing body.rtpParameters');
    const producer = await transport.produce({ kind, rtpParameters });
    this.#keep(broadcaster.producers, producer);
    this.#room.announceProducer(id, producer);
    return { id: producer.id };
  }

  async consume(id, transportId, { producerId }) {
    const { broadcaster, transport } = this.#locate(id, transportId);
    const { rtpCapabilities } = broadcaster;
    if (!rtpCapabilities) throw new Error('broadcaster does not have rtpCapabilities');
    const consumer = await transport.consume({ producerId, rtpCapabilities });
    this.#keep(broadcaster.consumers, consumer);
    const { kind, rtpParameters, type } = consumer;
    return { id: consumer.id, producerId, kind, rtpParameters, type };
  }

  async produceData(id, transportId, { label, protocol, sctpStreamParameters, appData }) {
    const { broadcaster, transport } = this.#locate(id, transportId);
    const dataProducer = await transport.produceData({ sctpStreamParameters, label, protocol, appData });
    this.#keep(broadcaster.dataProducers, dataProducer);
    return { id: dataProducer.id };
  }

  async consumeData(id, transportId, { dataProducerId }) {
    const { broadcaster, transport } = this.#locate(id, transportId);
    const dataConsumer = await transport.consumeData({ dataProducerId });
    this.#keep(broadcaster.dataConsumers, dataConsumer);
    return { id: dataConsumer.id, streamId: dataConsumer.sctpStreamParameters?.streamId };
  }

  #locate(id, transportId) {
    const broadcaster = find(this.#broadcasters, 'broadcaster', id);
    return { broadcaster, transport: find(broadcaster.transports, 'transport', transportId) };
  }

  #keep(map, entity) {
    map.set(entity.id, entity);
    entity.observer.once('close', () => map.delete(entity.id));
  }

  #consumablePeers(rtpCapabilities) {
    return this.#room.joinedPeers().map((peer) => ({
      ...peer.info,
      producers: [...peer.producers.values()]
        .filter(({ id }) => this.#room.router.canConsume({ producerId: id, rtpCapabilities }))
        .map(({ id, kind }) => ({ id, kind })),
    }));
  }
}

module.exports = { Broadcasters };
