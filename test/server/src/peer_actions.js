'use strict';

const { consume, consumeData } = require('./consuming');
const { log } = require('./log');

const findIn = (kind, thing) => (peer, id) => {
  const found = peer[kind].get(id);
  if (!found) throw peer.dialect.errors.notFound(thing, id);
  return found;
};

const transportOf = findIn('transports', 'transport');
const producerOf = findIn('producers', 'producer');
const consumerOf = findIn('consumers', 'consumer');
const dataProducerOf = findIn('dataProducers', 'dataProducer');
const dataConsumerOf = findIn('dataConsumers', 'dataConsumer');

/** A peer whose media path is gone is closed. */
function watchTransport(room, peer, transport) {
  for (const [layer, states] of Object.entries(peer.dialect.closesOn)) {
    transport.on(`${layer}statechange`, (state) => {
      if (!states.includes(state)) return;
      log(`${peer.id}: ${layer.toUpperCase()} ${state}, closing the peer`);
      peer.lose();
    });
  }
  transport.on('sctpstatechange', (state) => {
    if (state === 'connected' && transport === peer.consumingTransport) room.bot.greet(peer);
  });
  transport.on('trace', ({ type, direction, info }) => {
    if (type !== 'bwe' || direction !== 'out') return;
    const { desiredBitrate, effectiveDesiredBitrate, availableBitrate } = info;
    peer.tell('outgoingBitrate', { desiredBitrate, effectiveDesiredBitrate, availableBitrate });
  });
  return transport.enableTraceEvent(['bwe']);
}

async function createWebRtcTransport({ room, peer }, options) {
  const { maxIncomingBitrate } = peer.dialect;
  const transport = await room.engine.createWebRtcTransport(room.router, { maxIncomingBitrate, ...options });
  if (peer.closed) {
    transport.close();
    throw new Error('peer closed');
  }
  peer.transports.set(transport.id, transport);
  transport.observer.once('close', () => peer.transports.delete(transport.id));
  await watchTransport(room, peer, transport);
  return room.engine.describeWebRtcTransport(transport);
}

/** Everything that already exists in the room is offered to the newcomer. */
function consumeExisting(room, peer) {
  for (const other of room.joinedMembers(peer)) {
    for (const producer of other.producers.values()) consume(room, peer, other.id, producer);
    for (const dataProducer of other.offeredData) consumeData(peer, other.id, dataProducer);
  }
  consumeData(peer, undefined, room.bot.dataProducer);
}

function join({ room, peer, answer }, { displayName, device, rtpCapabilities, sctpCapabilities }) {
  if (room.options.rejectJoin !== undefined) throw new Error(room.options.rejectJoin);
  if (peer.joined) throw new Error('Peer already joined');
  const consumesData = Boolean(sctpCapabilities) || room.options.sctpAlways;
  Object.assign(peer, { displayName, device, rtpCapabilities, consumesData, joined: true });
  answer(room.joinedMembers(peer));
  consumeExisting(room, peer);
  room.tellJoined('peerJoined', peer, peer);
}

async function produce({ room, peer, answer }, { transportId, kind, rtpParameters, appData }) {
  const producer = await transportOf(peer, transportId).produce({ kind, rtpParameters, appData });
  peer.producers.set(producer.id, producer);
  producer.observer.once('close', () => peer.producers.delete(producer.id));
  producer.on('score', (score) => peer.tell('producerScore', { producerId: producer.id, score }));
  answer(producer);
  room.announceProducer(peer.id, producer, peer);
}

/** `reach`: who hears it: everybody, newcomers, the bot or nobody. */
async function produceData({ room, peer, answer }, { transportId, reach, ...options }) {
  const { sctpStreamParameters, label, protocol, appData } = options;
  const dataProducer = await transportOf(peer, transportId).produceData(
    { sctpStreamParameters, label, protocol, appData });
  peer.dataProducers.set(dataProducer.id, dataProducer);
  if (reach === 'everybody' || reach === 'newcomers') peer.offeredData.add(dataProducer);
  dataProducer.observer.once('close', () => {
    peer.dataProducers.delete(dataProducer.id);
    peer.offeredData.delete(dataProducer);
  });
  if (reach === 'bot') await room.bot.listenTo(dataProducer.id, peer);
  answer(dataProducer);
  if (reach !== 'everybody') return;
  for (const other of room.joinedPeers(peer)) consumeData(other, peer.id, dataProducer);
}

function changeDisplayName({ room, peer }, { displayName }) {
  const oldDisplayName = peer.displayName;
  peer.displayName = displayName;
  room.tellJoined('peerRenamed', { peerId: peer.id, displayName, oldDisplayName }, peer);
}

async function throttled({ room, peer }, { secret }, change) {
  if (!room.throttle.isAllowed(secret)) throw peer.dialect.errors.forbidden();
  await change();
}

/**
 * action -> handler({room, peer, answer}, input). What a handler of a request returns is the result, unless
 * it has answered itself because something has to follow the response. Between a change that others look at
 * (joined, a new producer) and what is announced because of it there must be no await; else a join and
 * a produce that cross would both announce, or neither. What is not found is thrown at once, what mediasoup
 * refuses comes with the promise: a notification that fails in the one way is ignored, in the other fatal.
 */
const ACTIONS = {
  nothing: () => {},
  getRouterRtpCapabilities: ({ room }) => room.router.rtpCapabilities,
  createWebRtcTransport,
  join,
  connectWebRtcTransport: ({ peer }, { transportId, dtlsParameters }) =>
    transportOf(peer, transportId).connect({ dtlsParameters }),
  restartIce: ({ peer }, { transportId }) => transportOf(peer, transportId).restartIce(),
  produce,
  closeProducer: ({ peer }, { producerId }) => producerOf(peer, producerId).close(),
  pauseProducer: ({ peer }, { producerId }) => producerOf(peer, producerId).pause(),
  resumeProducer: ({ peer }, { producerId }) => producerOf(peer, producerId).resume(),
  pauseConsumer: ({ peer }, { consumerId }) => consumerOf(peer, consumerId).pause(),
  resumeConsumer: ({ peer }, { consumerId }) => consumerOf(peer, consumerId).resume(),
  setConsumerPreferredLayers: ({ peer }, { consumerId, spatialLayer, temporalLayer }) =>
    consumerOf(peer, consumerId).setPreferredLayers({ spatialLayer, temporalLayer }),
  setConsumerPriority: ({ peer }, { consumerId, priority }) => consumerOf(peer, consumerId).setPriority(priority),
  requestConsumerKeyFrame: ({ peer }, { consumerId }) => consumerOf(peer, consumerId).requestKeyFrame(),
  produceData,
  changeDisplayName,
  getTransportStats: ({ peer }, { transportId }) => transportOf(peer, transportId).getStats(),
  getProducerStats: ({ peer }, { producerId }) => producerOf(peer, producerId).getStats(),
  getConsumerStats: ({ peer }, { consumerId }) => consumerOf(peer, consumerId).getStats(),
  getDataProducerStats: ({ peer }, { dataProducerId }) => dataProducerOf(peer, dataProducerId).getStats(),
  getDataConsumerStats: ({ peer }, { dataConsumerId }) => dataConsumerOf(peer, dataConsumerId).getStats(),
  applyNetworkThrottle: (context, input) =>
    throttled(context, input, () => context.room.throttle.apply(input)),
  resetNetworkThrottle: (context, input) => throttled(context, input, () => context.room.throttle.reset()),
};

module.exports = { ACTIONS };
