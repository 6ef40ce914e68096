'use strict';

const ROOM = '/rooms/:roomId';
const BROADCASTER = `${ROOM}/broadcasters/:broadcasterId`;
const TRANSPORT = `${BROADCASTER}/transports/:transportId`;

/** The broadcaster HTTP API. Naming a room creates it, as a WebSocket connection does. */
function broadcasterRoutes(rooms) {
  const inRoom = (handler) => async ({ path, query, body }) => {
    const room = await rooms.getOrCreate(path.roomId);
    return handler(room, { ...path, query, body });
  };
  const broadcast = (method, inputOf) => inRoom((room, call) =>
    room.broadcasters[method](call.broadcasterId, call.transportId, inputOf(call)));
  const body = (call) => call.body;
  return [
    ['GET', ROOM, inRoom((room) => room.router.rtpCapabilities)],
    ['POST', `${ROOM}/broadcasters`, inRoom((room, call) => room.broadcasters.create(call.body))],
    ['DELETE', BROADCASTER, inRoom((room, { broadcasterId }) => {
      room.broadcasters.delete(broadcasterId);
      return 'broadcaster deleted';
    })],
    ['POST', `${BROADCASTER}/transports`, inRoom((room, call) =>
      room.broadcasters.createTransport(call.broadcasterId, call.body))],
    ['POST', `${TRANSPORT}/connect`, broadcast('connectTransport', body)],
    ['POST', `${TRANSPORT}/producers`, broadcast('produce', body)],
    ['POST', `${TRANSPORT}/consume`, broadcast('consume', (call) => call.query)],
    ['POST', `${TRANSPORT}/consume/data`, broadcast('consumeData', body)],
    ['POST', `${TRANSPORT}/produce/data`, broadcast('produceData', body)],
  ];
}

module.exports = { broadcasterRoutes };
