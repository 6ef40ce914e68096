'use strict';

const { consume, consumeData } = require('./consuming');
const { RefusedError } = require('./errors');
const { log } = require('./log');

/** Requests that are answered only after `join`. */
const AFTER_JOIN = new Set([
  'produce', 'closeProducer', 'pauseProducer', 'resumeProducer', 'pauseConsumer', 'resumeConsumer',
  'setConsumerPreferredLayers', 'setConsumerPriority', 'requestConsumerKeyFrame', 'produceData',
  'changeDisplayName',
]);

function find(map, thing, id) {
  const found = map.get(id);
  if (!found) throw new Error(`${thing} with id "${id}" not found`);
  return found;
}

const transportOf = (peer, { transportId }) => find(peer.transports, 'transport', transportId);
const producerOf = (peer, { producerId }) => find(peer.producers, 'producer', producerId);
const consumerOf = (peer, { consumerId }) => find(peer.consumers, 'consumer', consumerId);

/** A peer whose media path is gone is closed, which is how its client learns about it. */
function watchTransport(peer, transport) {
  const closePeerOn = (kind, states) => (state) => {
    if (!states.includes(state)) return;
    log(`${peer.id}: ${kind} ${state}, closing the peer`);
    peer.close();
  };
  transport.on('icestatechange', closePeerOn('ICE', ['disconnected', 'closed']));
  transport.on('dtlsstatechange', closePeerOn('DTLS', ['failed', 'closed']));
  transport.on('trace', ({ type, direction, info }) => {
    if (type !== 'bwe' || direction !== 'out') return;
    const { desiredBitrate, effectiveDesiredBitrate, availableBitrate } = info;
    peer.notify('downlinkBwe', { desiredBitrate, effectiveDesiredBitrate, availableBitrate });
  });
  return transport.enableTraceEvent(['bwe']);
}

async function createWebRtcTransport({ room, peer, data }) {
  const { forceTcp, producing, consuming, sctpCapabilities } = data;
  const transport = await room.engine.createWebRtcTransport(room.router,
    { forceTcp, sctpCapabilities, appData: { producing, consuming } });
  if (peer.closed) {
    transport.close();
    throw new Error('peer closed');
  }
  peer.transports.set(transport.id, transport);
  transport.observer.once('close', () => peer.transports.delete(transport.id));
  await watchTransport(peer, transport);
  return room.engine.describeWebRtcTransport(transport);
}

/** Everything that already exists in the room is offered to the newcomer. */
function consumeExisting(room, peer) {
  for (const other of [...room.joinedPeers(peer), ...room.broadcasters.all]) {
    for (const producer of other.producers.values()) consume(room, peer, other.id, producer);
    for (const dataProducer of other.dataProducers.values()) {
      if (dataProducer.label !== 'bot') consumeData(peer, other.id, dataProducer);
    }
  }
  consumeData(peer, null, room.bot.dataProducer);
}

function join({ room, peer, data, answer }) {
  if (room.options.rejectJoin !== undefined) throw new Error(room.options.rejectJoin);
  if (peer.joined) throw new Error('Peer already joined');
  const { displayName, device, rtpCapabilities, sctpCapabilities } = data;
  Object.assign(peer, { displayName, device, rtpCapabilities, sctpCapabilities, joined: true });
  answer({ peers: [...room.joinedPeers(peer), ...room.broadcasters.all].map(({ info }) => info) });
  consumeExisting(room, peer);
  room.notifyJoined('newPeer', peer.info, peer);
}

async function produce({ room, peer, data, answer }) {
  const { kind, rtpParameters, appData } = data;
  const transport = transportOf(peer, data);
  const producer = await transport.produce(
    { kind, rtpParameters, appData: { ...appData, peerId: peer.id } });
  peer.producers.set(producer.id, producer);
  producer.observer.once('close', () => peer.producers.delete(producer.id));
  producer.on('score', (score) => peer.notify('producerScore', { producerId: producer.id, score }));
  answer({ id: producer.id });
  room.announceProducer(peer.id, producer, peer);
}

async function produceData({ room, peer, data, answer }) {
  const { sctpStreamParameters, label, protocol, appData } = data;
  const dataProducer = await transportOf(peer, data).produceData(
    { sctpStreamParameters, label, protocol, appData });
  peer.dataProducers.set(dataProducer.id, dataProducer);
  dataProducer.observer.once('close', () => peer.dataProducers.delete(dataProducer.id));
  if (label === 'bot') await room.bot.listenTo(dataProducer.id, peer);
  answer({ id: dataProducer.id });
  if (label !== 'chat') return;
  for (const other of room.joinedPeers(peer)) consumeData(other, peer.id, dataProducer);
}

function changeDisplayName({ room, peer, data: { displayName } }) {
  const oldDisplayName = peer.displayName;
  peer.displayName = displayName;
  room.notifyJoined('peerDisplayNameChanged', { peerId: peer.id, displayName, oldDisplayName }, peer);
}

async function throttled(room, { secret }, change) {
  if (!room.throttle.isAllowed(secret)) throw new RefusedError(403, 'operation not allowed');
  await change();
}

/**
 * method -> handler({room, peer, data, answer}). What a handler returns is the response, unless it has
 * answered itself because something has to follow the response. Between a change that others look at
 * (joined, a new producer) and what is announced because of it there must be no await; else a join and
 * a produce that cross would both announce, or neither.
 */
const HANDLERS = {
  getRouterRtpCapabilities: ({ room }) => room.router.rtpCapabilities,
  createWebRtcTransport,
  join,
  connectWebRtcTransport: ({ peer, data }) =>
    transportOf(peer, data).connect({ dtlsParameters: data.dtlsParameters }),
  restartIce: ({ peer, data }) => transportOf(peer, data).restartIce(),
  produce,
  closeProducer: ({ peer, data }) => producerOf(peer, data).close(),
  pauseProducer: ({ peer, data }) => producerOf(peer, data).pause(),
  resumeProducer: ({ peer, data }) => producerOf(peer, data).resume(),
  pauseConsumer: ({ peer, data }) => consumerOf(peer, data).pause(),
  resumeConsumer: ({ peer, data }) => consumerOf(peer, data).resume(),
  setConsumerPreferredLayers: ({ peer, data }) => {
    const { spatialLayer, temporalLayer } = data;
    return consumerOf(peer, data).setPreferredLayers({ spatialLayer, temporalLayer });
  },
  setConsumerPriority: ({ peer, data }) => consumerOf(peer, data).setPriority(data.priority),
  requestConsumerKeyFrame: ({ peer, data }) => consumerOf(peer, data).requestKeyFrame(),
  produceData,
  changeDisplayName,
  getTransportStats: ({ peer, data }) => transportOf(peer, data).getStats(),
  getProducerStats: ({ peer, data }) => producerOf(peer, data).getStats(),
  getConsumerStats: ({ peer, data }) => consumerOf(peer, data).getStats(),
  getDataProducerStats: ({ peer, data }) =>
    find(peer.dataProducers, 'dataProducer', data.dataProducerId).getStats(),
  getDataConsumerStats: ({ peer, data }) =>
    find(peer.dataConsumers, 'dataConsumer', data.dataConsumerId).getStats(),
  applyNetworkThrottle: ({ room, data }) => throttled(room, data, () => room.throttle.apply(data)),
  resetNetworkThrottle: ({ room, data }) => throttled(room, data, () => room.throttle.reset()),
};

function handlerOf(method, peer) {
  if (!Object.hasOwn(HANDLERS, method)) throw new Error(`unknown request.method "${method}"`);
  if (AFTER_JOIN.has(method) && !peer.joined) throw new Error('Peer not yet joined');
  return HANDLERS[method];
}

/** Answers one protoo request, exactly once. */
async function answerRequest(room, peer, { method, data }, accept, reject) {
  if (room.options.verbose) log(`${peer.id}: ${method} ${JSON.stringify(data)}`);
  let answered = false;
  const answer = (result) => {
    if (answered) return;
    answered = true;
    accept(result);
  };
  try {
    answer(await handlerOf(method, peer)({ room, peer, data, answer }));
  } catch (error) {
    log(`${peer.id}: ${method} failed: ${error.message}`);
    if (!answered) reject(error instanceof RefusedError ? error.code : 500, error.message);
  }
}

module.exports = { answerRequest };
