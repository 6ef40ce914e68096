'use strict';

// mediasoup-demo's JavaScript server, until September 2025.

const { RefusedError } = require('../errors');

const infoOf = ({ id, displayName, device }) => ({ id, displayName, device });

const layersOf = (layers) => ({
  spatialLayer: layers ? layers.spatialLayer : null,
  temporalLayer: layers ? layers.temporalLayer : null,
});

/** Who is offered a data producer goes by its label. */
function reachOf(label) {
  if (label === 'chat') return 'everybody';
  return label === 'bot' ? 'bot' : 'newcomers';
}

const afterJoin = true;
const idOnly = ({ id }) => ({ id });

const requests = {
  getRouterRtpCapabilities: {},
  createWebRtcTransport: {
    read: ({ forceTcp, producing, consuming, sctpCapabilities }) => ({
      forceTcp,
      appData: { sends: Boolean(producing), receives: Boolean(consuming) },
      sctp: Boolean(sctpCapabilities),
      numSctpStreams: sctpCapabilities?.numStreams,
    }),
  },
  join: { write: (members) => ({ peers: members.map(infoOf) }) },
  connectWebRtcTransport: {},
  restartIce: {},
  produce: {
    afterJoin,
    read: ({ appData, ...data }, peer) => ({ ...data, appData: { ...appData, peerId: peer.id } }),
    write: idOnly,
  },
  closeProducer: { afterJoin },
  pauseProducer: { afterJoin },
  resumeProducer: { afterJoin },
  pauseConsumer: { afterJoin },
  resumeConsumer: { afterJoin },
  setConsumerPreferredLayers: { afterJoin },
  setConsumerPriority: { afterJoin },
  requestConsumerKeyFrame: { afterJoin },
  produceData: { afterJoin, read: (data) => ({ ...data, reach: reachOf(data.label) }), write: idOnly },
  changeDisplayName: { afterJoin },
  getTransportStats: {},
  getProducerStats: {},
  getConsumerStats: {},
  getDataProducerStats: {},
  getDataConsumerStats: {},
  applyNetworkThrottle: {},
  resetNetworkThrottle: {},
};

const happenings = {
  connected: ({ version, isOldVersion }) => (isOldVersion ? [] : [['mediasoup-version', { version }]]),
  peerJoined: (member) => [['newPeer', infoOf(member)]],
  peerLeft: ({ peerId }) => [['peerClosed', { peerId }]],
  strangerLost: () => [],
  peerReplaced: ({ peerId }) => [['peerClosed', { peerId }]],
  peerRenamed: (names) => [['peerDisplayNameChanged', names]],
  volumes: ([{ peerId, volume }]) => [['activeSpeaker', { peerId, volume }]],
  silence: () => [['activeSpeaker', { peerId: null }]],
  dominantSpeaker: () => [],
  producerScore: (score) => [['producerScore', score]],
  consumerResumedFirst: (score) => [['consumerScore', score]],
  consumerScore: (score) => [['consumerScore', score]],
  consumerLayers: ({ consumerId, layers }) => [['consumerLayersChanged', { consumerId, ...layersOf(layers) }]],
  consumerPaused: (consumer) => [['consumerPaused', consumer]],
  consumerResumed: (consumer) => [['consumerResumed', consumer]],
  consumerClosed: (consumer) => [['consumerClosed', consumer]],
  dataConsumerClosed: (dataConsumer) => [['dataConsumerClosed', dataConsumer]],
  outgoingBitrate: (bitrates) => [['downlinkBwe', bitrates]],
};

const offers = {
  consumer: ({ peerId, producer, consumer }) => ['newConsumer', {
    peerId,
    producerId: producer.id,
    id: consumer.id,
    kind: consumer.kind,
    rtpParameters: consumer.rtpParameters,
    type: consumer.type,
    appData: producer.appData,
    producerPaused: consumer.producerPaused,
  }],
  dataConsumer: ({ peerId, dataProducer, dataConsumer }) => ['newDataConsumer', {
    peerId: peerId ?? null, // null for the bot
    dataProducerId: dataProducer.id,
    id: dataConsumer.id,
    sctpStreamParameters: dataConsumer.sctpStreamParameters,
    label: dataConsumer.label,
    protocol: dataConsumer.protocol,
    appData: peerId === undefined ? {} : dataProducer.appData,
  }],
};

const errors = {
  notJoined: () => new Error('Peer not yet joined'),
  notFound: (thing, id) => new Error(`${thing} with id "${id}" not found`),
  forbidden: () => new RefusedError(403, 'operation not allowed'),
};

function admit({ query }) {
  const roomId = query.get('roomId');
  const peerId = query.get('peerId');
  if (!roomId || !peerId) throw new RefusedError(400, 'Connection request without roomId and/or peerId');
  return { roomId, peerId, consumerReplicas: Math.max(0, Number.parseInt(query.get('consumerReplicas'), 10) || 0) };
}

const demo2024 = {
  name: '2024',
  requests,
  notifications: {},
  happenings,
  offers,
  errors,
  unknownRequest: (method) => [[500, `unknown request.method "${method}"`]],
  admit,
  closesOn: { ice: ['disconnected', 'closed'], dtls: ['failed', 'closed'], sctp: [] },
  botAnswer: (name, text) => `${name} said me: "${text}"`,
  botGreeting: undefined,
  hasJoinDeadline: false,
  maxIncomingBitrate: 1500000,
  idsAreShared: false,
};

module.exports = { demo2024 };
