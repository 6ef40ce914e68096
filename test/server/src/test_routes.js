'use strict';

const { consume } = require('./consuming');
const { echo } = require('./echo');
const { RefusedError } = require('./errors');
const { describeRoom } = require('./room_snapshot');

const KINDS = ['transports', 'producers', 'consumers', 'dataProducers', 'dataConsumers'];
const ACTIONS = ['close', 'pause', 'resume'];

/** The HTTP API by which a test sees and steers the server. */
function testRoutes({ rooms, engine, ledger, protocol, jsonRpcPort }) {
  function roomOf(roomId) {
    const room = rooms.get(roomId);
    if (!room) throw new RefusedError(404, `no room "${roomId}"`);
    return room;
  }

  function peerOf({ roomId, peerId }) {
    const peer = roomOf(roomId).peers.get(peerId);
    if (!peer) throw new RefusedError(404, `no peer "${peerId}" in room "${roomId}"`);
    return peer;
  }

  function entityOf(kind, id) {
    const members = rooms.all.flatMap((room) => [...room.peers.values(), ...room.broadcasters.all]);
    const entity = members.map((member) => member[kind].get(id)).find(Boolean);
    if (!entity) throw new RefusedError(404, `none of the ${kind} has id "${id}"`);
    return entity;
  }

  async function act({ path: { kind, id, action } }) {
    if (!KINDS.includes(kind) || !ACTIONS.includes(action)) throw new RefusedError(404, `no ${kind} ${action}`);
    const entity = entityOf(kind, id);
    if (!entity[action]) throw new RefusedError(400, `${kind} cannot ${action}`);
    await entity[action]();
  }

  /** Offers the peer one more consumer of a producer; resolves when it has been accepted or refused. */
  function consumeAgain({ body }) {
    const room = roomOf(body.roomId);
    const owner = room.joinedMembers().find(({ producers }) => producers.has(body.producerId));
    if (!owner) throw new RefusedError(404, `no producer "${body.producerId}" in room "${room.id}"`);
    return consume(room, peerOf(body), owner.id, owner.producers.get(body.producerId));
  }

  async function request({ body }) {
    const peer = peerOf(body);
    try {
      return { ok: true, data: await peer.request(body.method, body.data) };
    } catch (error) {
      return { ok: false, errorCode: error.code, errorReason: error.message };
    }
  }

  const routes = [
    ['GET', '/test/server', async () => ({
      pid: process.pid,
      workerPid: engine.workerPid,
      mediasoupVersion: engine.version,
      rtcPorts: await engine.rtcPorts(),
      jsonRpcPort: jsonRpcPort(),
      protocol,
      fatal: ledger.fatal,
      ignored: ledger.ignored,
    })],
    ['GET', '/test/rooms', () => Promise.all(rooms.all.map(describeRoom))],
    ['GET', '/test/rooms/:roomId', ({ path }) => describeRoom(roomOf(path.roomId))],
    ['POST', '/test/rooms/:roomId/peers/:peerId/close', ({ path }) => peerOf(path).close()],
    ['POST', '/test/rooms/:roomId/peers/:peerId/drop', ({ path }) => peerOf(path).drop()],
    ['POST', '/test/notify', ({ body }) => peerOf(body).notify(body.method, body.data)],
    ['POST', '/test/request', request],
    ['POST', '/test/text', ({ body }) => peerOf(body).sendText(body.text)],
    ['POST', '/test/consume', consumeAgain],
    ['POST', '/test/echo', ({ body }) => echo(roomOf(body.roomId), peerOf(body), body)],
    ['POST', '/test/:kind/:id/:action', act],
  ];
  return { routes };
}

module.exports = { testRoutes };
