'use strict';

// The HTTP API for broadcasters of mediasoup-demo's TypeScript server.

const { Answer } = require('../http_routes');
const { demo2025, directionOf } = require('./demo_2025');

const ROOM = '/rooms/:roomId';
const BROADCASTER = `${ROOM}/broadcasters/:peerId`;

/** The answer's text begins with its name. */
class NamedError extends Error {
  constructor(status, name, reason) {
    super(reason);
    this.status = status;
    this.name = name;
  }
}

const notFound = (name, thing, id, verb = 'not found') => new NamedError(404, name, `${thing} '${id}' ${verb}`);
const wrongState = (reason) => new NamedError(409, 'InvalidStateError', reason);

/** What an error is answered with. */
function wordError(error) {
  const status = error.status ?? (error instanceof TypeError ? 400 : 500);
  return new Answer(status, String(error));
}

const created = (location, body) => new Answer(201, body, { Location: location });

function requireJoined({ joined }) {
  if (!joined) throw wrongState('BroadcasterPeer not joined');
}

function transportOf(broadcaster, id) {
  const transport = broadcaster.transports.get(id);
  if (!transport) throw notFound('TransportNotFound', 'PlainTransport', id);
  return transport;
}

function create({ room, url, body: { peerId, displayName, device }, remoteAddress }) {
  room.replaceMember(peerId, demo2025);
  room.broadcasters.add({ id: peerId, displayName, device, remoteAddress });
  return created(`${url}/${encodeURIComponent(peerId)}`, 'BroadcasterPeer created');
}

function join({ broadcasters, broadcaster }) {
  if (broadcaster.joined) throw wrongState('Peer already joined');
  broadcasters.join(broadcaster);
  return 'BroadcasterPeer joined';
}

async function createTransport({ broadcasters, broadcaster, url, body: { direction, comedia, rtcpMux } }) {
  const { id, ...parameters } = await broadcasters.createPlainTransport(broadcaster,
    { comedia, rtcpMux, sctp: false, appData: directionOf(direction) });
  return created(`${url}/${id}`, { transportId: id, ...parameters });
}

async function connectTransport({ broadcaster, path, body: { ip, port, rtcpPort } }) {
  await transportOf(broadcaster, path.transportId).connect({ ip, port, rtcpPort });
  return 'PlainTransport connected';
}

async function produce({ broadcasters, broadcaster, url, body }) {
  requireJoined(broadcaster);
  const { transportId, kind, rtpParameters, appData } = body;
  const { source } = appData;
  const { id } = await broadcasters.produce(broadcaster, transportOf(broadcaster, transportId),
    { kind, rtpParameters, appData: { source, peerId: broadcaster.id } });
  return created(`${url}/${id}`, { producerId: id });
}

/** By the peers that have any. */
function peerProducersInfos({ room, broadcaster }) {
  requireJoined(broadcaster);
  const describe = (producer) => ({
    producerId: producer.id,
    kind: producer.kind,
    source: producer.appData.source,
    consumableCodecs: producer.consumableRtpParameters.codecs
      .filter(({ mimeType }) => !mimeType.toLowerCase().endsWith('/rtx'))
      .map(({ rtcpFeedback: _, ...codec }) => codec),
  });
  return {
    peerProducersInfos: room.joinedMembers()
      .filter(({ producers }) => producers.size > 0)
      .map(({ id, producers }) => ({ peerId: id, producers: [...producers.values()].map(describe) })),
  };
}

async function consume({ room, broadcasters, broadcaster, url, body }) {
  requireJoined(broadcaster);
  const { transportId, producerId, paused, rtpCapabilities } = body;
  const transport = transportOf(broadcaster, transportId);
  if (!rtpCapabilities || !room.router.canConsume({ producerId, rtpCapabilities })) {
    throw new NamedError(409, 'UnsupportedError', `cannot consume Producer '${producerId}'`);
  }
  const { id } = await broadcasters.consume(broadcaster, transport, { producerId, rtpCapabilities, paused });
  return created(`${url}/${id}`, { consumerId: id });
}

async function resumeConsumer({ broadcaster, path: { consumerId } }) {
  requireJoined(broadcaster);
  const consumer = broadcaster.consumers.get(consumerId);
  if (!consumer) throw notFound('ConsumerNotFound', 'Consumer', consumerId);
  await consumer.resume();
  return 'Consumer resumed';
}

/** `expectedOrigin()` is what every call has to name, port and all. Only a WebSocket creates a room. */
function broadcasterRoutes(rooms, expectedOrigin) {
  const inRoom = (handler) => (call) => {
    const { roomId } = call.path;
    const room = rooms.get(roomId);
    if (!room) throw notFound('RoomNotFound', 'Room', roomId, "doesn't exist");
    return handler({ ...call, room });
  };
  const asBroadcaster = (handler) => inRoom((call) => {
    const { broadcasters } = call.room;
    const { peerId } = call.path;
    const broadcaster = broadcasters.get(peerId);
    if (!broadcaster) throw notFound('PeerNotFound', 'BroadcastPeer', peerId, "doesn't exist");
    return handler({ ...call, broadcasters, broadcaster });
  });
  const routes = [
    ['GET', ROOM, inRoom(({ room }) => ({ routerRtpCapabilities: room.router.rtpCapabilities }))],
    ['POST', `${ROOM}/broadcasters`, inRoom(create)],
    ['DELETE', BROADCASTER, asBroadcaster(({ broadcasters, broadcaster }) => {
      broadcasters.remove(broadcaster);
      return new Answer(204);
    })],
    ['POST', `${BROADCASTER}/join`, asBroadcaster(join)],
    ['POST', `${BROADCASTER}/transports`, asBroadcaster(createTransport)],
    ['POST', `${BROADCASTER}/transports/:transportId/connect`, asBroadcaster(connectTransport)],
    ['POST', `${BROADCASTER}/producers`, asBroadcaster(produce)],
    ['GET', `${BROADCASTER}/peerProducersInfos`, asBroadcaster(peerProducersInfos)],
    ['POST', `${BROADCASTER}/consumers`, asBroadcaster(consume)],
    ['POST', `${BROADCASTER}/consumers/:consumerId/resume`, asBroadcaster(resumeConsumer)],
  ];
  return {
    routes,
    guard({ origin }) {
      if (origin !== expectedOrigin()) throw new NamedError(403, 'ForbiddenError', 'GOOD TRY!!!');
    },
    wordError,
  };
}

module.exports = { broadcasterRoutes };
