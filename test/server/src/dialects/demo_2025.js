'use strict';

// mediasoup-demo's TypeScript server, since October 2025.

const { RefusedError } = require('../errors');

const NOT_WELCOME = 'GO TO HELL 🖕🏼';

const infoOf = ({ id, displayName, device, remoteAddress }) =>
  ({ peerId: id, displayName, device, remoteAddress });

const DIRECTIONS = {
  producer: { sends: true, receives: false },
  consumer: { sends: false, receives: true },
};

/** For WebRTC and plain transports alike. */
function directionOf(direction) {
  if (!Object.hasOwn(DIRECTIONS, direction)) throw new TypeError(`invalid invalid transport direction: ${direction}`);
  return DIRECTIONS[direction];
}

/** What the client sends on the server receives on. */
const swapped = ({ OS, MIS }) => ({ OS: MIS, MIS: OS });

// `appData` is taken apart by a statement of its own: when it is missing, the engine's words about that
// are the answer.

function readTransport({ forceTcp, sctpCapabilities, appData }) {
  const { direction } = appData;
  return {
    forceTcp,
    appData: directionOf(direction),
    sctp: Boolean(sctpCapabilities),
    numSctpStreams: sctpCapabilities?.numStreams && swapped(sctpCapabilities.numStreams),
  };
}

function readProducer({ appData, ...data }, peer) {
  const { source } = appData;
  return { ...data, appData: { source, peerId: peer.id } };
}

const REACH = { chat: 'everybody', bot: 'bot' };

function readDataProducer({ appData, ...data }, peer) {
  const { channel } = appData;
  return { ...data, appData: { channel, peerId: peer.id }, reach: REACH[channel] ?? 'nobody' };
}

const afterJoin = true;
const stats = { write: (entries) => ({ stats: entries }) };

const requests = {
  getRtcStatsUrl: { action: 'nothing' }, // as a server that collects none
  getRouterRtpCapabilities: { write: (routerRtpCapabilities) => ({ routerRtpCapabilities }) },
  createWebRtcTransport: { read: readTransport, write: ({ id, ...parameters }) => ({ transportId: id, ...parameters }) },
  join: { write: (members) => ({ peers: members.map(infoOf) }) },
  connectWebRtcTransport: {},
  restartIce: { write: (iceParameters) => ({ iceParameters }) },
  produce: { afterJoin, read: readProducer, write: ({ id }) => ({ producerId: id }) },
  produceData: { afterJoin, read: readDataProducer, write: ({ id }) => ({ dataProducerId: id }) },
  getTransportStats: stats,
  getProducerStats: stats,
  getConsumerStats: stats,
  getDataProducerStats: stats,
  getDataConsumerStats: stats,
  applyNetworkThrottle: {
    read: ({ secret, options: { up, down, rtt, packetLoss } = {} }) =>
      ({ secret, uplink: up, downlink: down, rtt, packetLoss }),
  },
  stopNetworkThrottle: { action: 'resetNetworkThrottle' },
};

// Newer versions of mediasoup refuse these by themselves, older ones let some of them pass.

const wrongPriority = ({ priority }) =>
  (typeof priority === 'number' && priority >= 1 ? undefined : 'priority must be a positive number');

function wrongLayers({ spatialLayer, temporalLayer }) {
  if (typeof spatialLayer !== 'number') return 'spatialLayer must be a number';
  return ['undefined', 'number'].includes(typeof (temporalLayer ?? undefined))
    ? undefined : 'if given, temporalLayer must be a number';
}

const notifications = {
  closeProducer: {},
  pauseProducer: {},
  resumeProducer: {},
  pauseConsumer: {},
  resumeConsumer: {},
  setConsumerPreferredLayers: { kills: wrongLayers },
  setConsumerPriority: { kills: wrongPriority },
  requestConsumerKeyFrame: {},
  changeDisplayName: { afterJoin },
};

const happenings = {
  connected: ({ version }) => [['mediasoupVersion', { version }]],
  peerJoined: (member) => [['newPeer', { peer: infoOf(member) }]],
  peerLeft: ({ peerId }) => [['peerClosed', { peerId }]],
  // Nobody has heard of it before: it had not joined.
  strangerLost: ({ peerId }) => [['peerClosed', { peerId }]],
  peerReplaced: () => [], // it is a newPeer for an id that is known already
  peerRenamed: (names) => [['peerDisplayNameChanged', names]],
  volumes: (peerVolumes) => [['speakingPeers', { peerVolumes }]],
  silence: () => [['speakingPeers', { peerVolumes: [] }], ['activeSpeaker', {}]],
  dominantSpeaker: ({ peerId }) => [['activeSpeaker', { peerId }]],
  producerScore: (score) => [['producerScore', score]],
  consumerResumedFirst: () => [],
  consumerScore: (score) => [['consumerScore', score]],
  consumerLayers: ({ consumerId, layers }) => [['consumerLayersChanged', { consumerId, layers }]],
  consumerPaused: (consumer) => [['consumerPaused', consumer]],
  consumerResumed: (consumer) => [['consumerResumed', consumer]],
  consumerClosed: (consumer) => [['consumerClosed', consumer]],
  dataConsumerClosed: (dataConsumer) => [['dataConsumerClosed', dataConsumer]],
  outgoingBitrate: () => [],
};

const offers = {
  consumer: ({ peerId, producer, consumer, transport }) => ['newConsumer', {
    peerId,
    transportId: transport.id,
    consumerId: consumer.id,
    producerId: producer.id,
    kind: consumer.kind,
    rtpParameters: consumer.rtpParameters,
    type: consumer.type,
    producerPaused: consumer.producerPaused,
    consumerScore: consumer.score,
    appData: { peerId, source: producer.appData.source },
  }],
  dataConsumer: ({ peerId, dataProducer, dataConsumer, transport }) => ['newDataConsumer', {
    peerId, // absent for the bot
    transportId: transport.id,
    dataConsumerId: dataConsumer.id,
    dataProducerId: dataProducer.id,
    sctpStreamParameters: dataConsumer.sctpStreamParameters,
    label: dataConsumer.label,
    protocol: dataConsumer.protocol,
    appData: { peerId, channel: dataProducer.appData.channel },
  }],
};

const THINGS = {
  transport: 'WebRtcTransport',
  producer: 'Producer',
  consumer: 'Consumer',
  dataProducer: 'DataProducer',
  dataConsumer: 'DataConsumer',
};

const errors = {
  notJoined: () => new Error('Peer not joined'),
  notFound: (thing, id) => new Error(`${THINGS[thing]} '${id}' not found`),
  forbidden: () => new Error(NOT_WELCOME),
};

/** Scheme and host; the port does not count. */
function areAlike(origin, expected) {
  if (!origin || !URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return protocol === expected.protocol && hostname === expected.hostname;
}

function admit({ origin, query, expectedOrigin }) {
  // Outside ASCII the HTTP header keeps of each character its lowest byte.
  if (!areAlike(origin, new URL(expectedOrigin))) throw new RefusedError(403, NOT_WELCOME);
  const roomId = query.get('roomId');
  const peerId = query.get('peerId');
  if (!roomId || !peerId) throw new RefusedError(400, 'Missing roomId and/or peerId');
  if (query.get('usePipeTransports') === 'true') {
    // They need a second worker, and the real server's reason gets lost on the way.
    throw new RefusedError(500, '500');
  }
  return { roomId, peerId, consumerReplicas: Number(query.get('consumerReplicas') ?? 0) };
}

const demo2025 = {
  name: '2025',
  requests,
  notifications,
  happenings,
  offers,
  errors,
  // The second one is what follows from a fault of the real server; a client has nothing to match it with.
  unknownRequest: (method) => [
    [500, `unknown request method '${method}'`],
    [500, `invalid protoo request method: ${method}`],
  ],
  admit,
  closesOn: { ice: ['disconnected', 'closed'], dtls: ['failed', 'closed'], sctp: ['failed', 'closed'] },
  botAnswer: (name, text) => `${name} told me: '${text}'`,
  botGreeting: (name) => `Welcome ${name}! ☺️`,
  hasJoinDeadline: true,
  maxIncomingBitrate: undefined,
  idsAreShared: true,
};

module.exports = { demo2025, directionOf };
