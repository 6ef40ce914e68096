'use strict';

const SUMMED = ['byteCount', 'packetCount', 'bitrate', 'packetsLost', 'packetsRetransmitted',
  'nackCount', 'nackPacketCount', 'pliCount', 'firCount'];

/** An entity that closes while it is asked has no statistics; that is no error of the snapshot. */
const statsOf = (entity) => entity.getStats().catch(() => []);

const all = (map, describe) => Promise.all([...map.values()].map(describe));

function sum(streams) {
  return Object.fromEntries(SUMMED.map((name) =>
    [name, streams.reduce((total, stream) => total + (stream[name] ?? 0), 0)]));
}

/** As the client calls it: what it sends on, and what it receives on. */
function directionOf({ appData }) {
  if (appData.sends) return 'send';
  return appData.receives ? 'recv' : undefined;
}

async function describeTransport(transport) {
  const { id, iceState, dtlsState, sctpState, iceSelectedTuple } = transport;
  const [stats] = await statsOf(transport);
  return { id, direction: directionOf(transport), iceState, dtlsState, sctpState, iceSelectedTuple, stats };
}

async function describeProducer(producer) {
  const { id, kind, type, paused, score, appData, rtpParameters } = producer;
  const streams = await statsOf(producer);
  return {
    id, kind, type, paused, score, appData, rtpParameters,
    mimeType: rtpParameters.codecs[0].mimeType,
    stats: sum(streams),
    streams,
  };
}

async function describeConsumer(consumer) {
  const { id, producerId, kind, type, paused, producerPaused, score, priority } = consumer;
  const { preferredLayers, currentLayers, rtpParameters } = consumer;
  const streams = (await statsOf(consumer)).filter((stream) => stream.type === 'outbound-rtp');
  return {
    id, producerId, kind, type, paused, producerPaused, score, priority,
    preferredLayers, currentLayers, rtpParameters,
    mimeType: rtpParameters.codecs[0].mimeType,
    stats: sum(streams),
    streams,
  };
}

async function describeDataProducer(dataProducer) {
  const { id, label, protocol, sctpStreamParameters, appData } = dataProducer;
  const [stats] = await statsOf(dataProducer);
  return { id, label, protocol, sctpStreamParameters, appData, stats };
}

async function describeDataConsumer(dataConsumer) {
  const { dataProducerId } = dataConsumer;
  return { ...await describeDataProducer(dataConsumer), dataProducerId };
}

async function describeMember(member) {
  return {
    id: member.id,
    displayName: member.displayName,
    device: member.device,
    remoteAddress: member.remoteAddress,
    joined: member.joined,
    transports: await all(member.transports, describeTransport),
    producers: await all(member.producers, describeProducer),
    consumers: await all(member.consumers, describeConsumer),
    dataProducers: await all(member.dataProducers, describeDataProducer),
    dataConsumers: await all(member.dataConsumers, describeDataConsumer),
  };
}

/** Everything that the server knows about a room, as plain data. */
async function describeRoom(room) {
  return {
    id: room.id,
    consumerReplicas: room.consumerReplicas,
    peers: await Promise.all([...room.peers.values()].map(describeMember)),
    broadcasters: await Promise.all(room.broadcasters.all.map(describeMember)),
  };
}

module.exports = { describeRoom };
