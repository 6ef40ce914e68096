'use strict';

// The HTTP API for broadcasters of mediasoup-demo's JavaScript server.

const { demo2024 } = require('./demo_2024');

const ROOM = '/rooms/:roomId';
const BROADCASTER = `${ROOM}/broadcasters/:broadcasterId`;
const TRANSPORT = `${BROADCASTER}/transports/:transportId`;

function requireString(value, name) {
  if (typeof value !== 'string' || !value) throw new TypeError(`missing ${name}`);
}

function known(found, thing, id) {
  if (!found) throw new Error(`${thing} with id "${id}" does not exist`);
  return found;
}

function create({ room, body: { id, displayName, device = {}, rtpCapabilities }, remoteAddress }) {
  requireString(id, 'body.id');
  requireString(displayName, 'body.displayName');
  requireString(device.name, 'body.device.name');
  if (rtpCapabilities !== undefined && typeof rtpCapabilities !== 'object') {
    throw new TypeError('wrong body.rtpCapabilities');
  }
  if (room.broadcasters.get(id)) throw new Error(`broadcaster with id "${id}" already exists`);
  const { name, version } = device;
  const broadcaster = room.broadcasters.add(
    { id, displayName, device: { flag: 'broadcaster', name, version }, rtpCapabilities, remoteAddress });
  room.broadcasters.join(broadcaster);
  return { peers: rtpCapabilities ? consumablePeers(room, rtpCapabilities) : [] };
}

function consumablePeers(room, rtpCapabilities) {
  return room.joinedPeers().map((peer) => ({
    id: peer.id,
    displayName: peer.displayName,
    device: peer.device,
    producers: [...peer.producers.values()]
      .filter(({ id }) => room.router.canConsume({ producerId: id, rtpCapabilities }))
      .map(({ id, kind }) => ({ id, kind })),
  }));
}

function createTransport({ broadcasters, broadcaster, body }) {
  const { type, rtcpMux = false, comedia = true, sctpCapabilities } = body;
  const sctp = { sctp: Boolean(sctpCapabilities), numSctpStreams: sctpCapabilities?.numStreams };
  if (type === 'webrtc') {
    const { maxIncomingBitrate } = demo2024;
    return broadcasters.createWebRtcTransport(broadcaster, { maxIncomingBitrate, ...sctp });
  }
  if (type !== 'plain') throw new TypeError('invalid type');
  return broadcasters.createPlainTransport(broadcaster, { rtcpMux, comedia, ...sctp });
}

async function connectTransport({ transport, body: { dtlsParameters } }) {
  if (!transport.iceParameters) throw new Error(`transport with id "${transport.id}" is not a WebRtcTransport`);
  if (!dtlsParameters) throw new TypeError('missing body.dtlsParameters');
  await transport.connect({ dtlsParameters });
}

async function produce({ broadcasters, broadcaster, transport, body: { kind, rtpParameters } }) {
  requireString(kind, 'body.kind');
  if (!rtpParameters) throw new TypeError('missing body.rtpParameters');
  const { id } = await broadcasters.produce(broadcaster, transport, { kind, rtpParameters });
  return { id };
}

async function consume({ broadcasters, broadcaster, transport, query: { producerId } }) {
  const { rtpCapabilities } = broadcaster;
  if (!rtpCapabilities) throw new Error('broadcaster does not have rtpCapabilities');
  const { id, kind, rtpParameters, type } =
    await broadcasters.consume(broadcaster, transport, { producerId, rtpCapabilities });
  return { id, producerId, kind, rtpParameters, type };
}

async function produceData({ broadcasters, broadcaster, transport, body }) {
  const { label, protocol, sctpStreamParameters, appData } = body;
  const { id } = await broadcasters.produceData(broadcaster, transport,
    { label, protocol, sctpStreamParameters, appData });
  return { id };
}

async function consumeData({ broadcasters, broadcaster, transport, body: { dataProducerId } }) {
  const { id, sctpStreamParameters } = await broadcasters.consumeData(broadcaster, transport, { dataProducerId });
  return { id, streamId: sctpStreamParameters?.streamId };
}

/** Naming a room creates it, as a WebSocket connection does. */
function broadcasterRoutes(rooms) {
  const inRoom = (handler) => async (call) => handler({ ...call, room: await rooms.getOrCreate(call.path.roomId) });
  const asBroadcaster = (handler) => inRoom((call) => {
    const { broadcasters } = call.room;
    const { broadcasterId } = call.path;
    const broadcaster = known(broadcasters.get(broadcasterId), 'broadcaster', broadcasterId);
    return handler({ ...call, broadcasters, broadcaster });
  });
  const onTransport = (handler) => asBroadcaster((call) => {
    const { transportId } = call.path;
    const transport = known(call.broadcaster.transports.get(transportId), 'transport', transportId);
    return handler({ ...call, transport });
  });
  const routes = [
    ['GET', ROOM, inRoom(({ room }) => room.router.rtpCapabilities)],
    ['POST', `${ROOM}/broadcasters`, inRoom(create)],
    ['DELETE', BROADCASTER, asBroadcaster(({ broadcasters, broadcaster }) => {
      broadcasters.remove(broadcaster);
      return 'broadcaster deleted';
    })],
    ['POST', `${BROADCASTER}/transports`, asBroadcaster(createTransport)],
    ['POST', `${TRANSPORT}/connect`, onTransport(connectTransport)],
    ['POST', `${TRANSPORT}/producers`, onTransport(produce)],
    ['POST', `${TRANSPORT}/consume`, onTransport(consume)],
    ['POST', `${TRANSPORT}/consume/data`, onTransport(consumeData)],
    ['POST', `${TRANSPORT}/produce/data`, onTransport(produceData)],
  ];
  return { routes };
}

module.exports = { broadcasterRoutes };
