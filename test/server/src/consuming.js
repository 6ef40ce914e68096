'use strict';

const { log } = require('./log');

const layersOf = (layers) => ({
  spatialLayer: layers ? layers.spatialLayer : null,
  temporalLayer: layers ? layers.temporalLayer : null,
});

/** Keeps `peer` informed about `consumer` until the consumer is gone. */
function followConsumer(peer, consumer) {
  const consumerId = consumer.id;
  peer.consumers.set(consumerId, consumer);
  consumer.observer.once('close', () => peer.consumers.delete(consumerId));
  consumer.on('producerclose', () => peer.notify('consumerClosed', { consumerId }));
  consumer.on('producerpause', () => peer.notify('consumerPaused', { consumerId }));
  consumer.on('producerresume', () => peer.notify('consumerResumed', { consumerId }));
  consumer.on('score', (score) => peer.notify('consumerScore', { consumerId, score }));
  consumer.on('layerschange', (layers) =>
    peer.notify('consumerLayersChanged', { consumerId, ...layersOf(layers) }));
}

function offerConsumer(peer, producerPeerId, producer, consumer) {
  return peer.request('newConsumer', {
    peerId: producerPeerId,
    producerId: producer.id,
    id: consumer.id,
    kind: consumer.kind,
    rtpParameters: consumer.rtpParameters,
    type: consumer.type,
    appData: producer.appData,
    producerPaused: consumer.producerPaused,
  });
}

async function consumeOnce(peer, producerPeerId, producer, { consumeUnpaused }) {
  const consumer = await peer.consumingTransport.consume({
    producerId: producer.id,
    rtpCapabilities: peer.rtpCapabilities,
    enableRtx: true,
    ignoreDtx: true,
    paused: !consumeUnpaused,
  });
  followConsumer(peer, consumer);
  const accepted = offerConsumer(peer, producerPeerId, producer, consumer);
  if (!consumeUnpaused) {
    await accepted;
    await consumer.resume();
  }
  peer.notify('consumerScore', { consumerId: consumer.id, score: consumer.score });
  await accepted;
}

/**
 * Lets `peer` consume a producer `1 + consumerReplicas` times, as far as it can. Never throws: a
 * client that refuses or does not answer only leaves its consumer paused.
 */
async function consume(room, peer, producerPeerId, producer) {
  const { rtpCapabilities } = peer;
  if (!rtpCapabilities || !peer.consumingTransport) return;
  if (!room.router.canConsume({ producerId: producer.id, rtpCapabilities })) return;
  const consumers = Array.from({ length: 1 + room.consumerReplicas }, () =>
    consumeOnce(peer, producerPeerId, producer, room.options)
      .catch((error) => log(`${peer.id}: newConsumer of ${producer.id}: ${error.message}`)));
  await Promise.all(consumers);
}

function followDataConsumer(peer, dataConsumer) {
  const dataConsumerId = dataConsumer.id;
  peer.dataConsumers.set(dataConsumerId, dataConsumer);
  dataConsumer.observer.once('close', () => peer.dataConsumers.delete(dataConsumerId));
  dataConsumer.on('dataproducerclose', () => peer.notify('dataConsumerClosed', { dataConsumerId }));
  dataConsumer.on('sctpsendbufferfull', () => log(`${peer.id}: dropped a message of "${dataConsumer.label}"`));
}

/**
 * Lets `peer` consume a data producer; `producerPeerId` is null for the bot. `reliability` is that of
 * the data producer unless given. Never throws.
 */
async function consumeData(peer, producerPeerId, dataProducer, reliability = {}) {
  const transport = peer.consumingTransport;
  if (!peer.sctpCapabilities || !transport?.sctpParameters) return;
  try {
    const dataConsumer = await transport.consumeData({ dataProducerId: dataProducer.id, ...reliability });
    followDataConsumer(peer, dataConsumer);
    await peer.request('newDataConsumer', {
      peerId: producerPeerId,
      dataProducerId: dataProducer.id,
      id: dataConsumer.id,
      sctpStreamParameters: dataConsumer.sctpStreamParameters,
      label: dataConsumer.label,
      protocol: dataConsumer.protocol,
      appData: dataProducer.appData,
    });
  } catch (error) {
    log(`${peer.id}: newDataConsumer of ${dataProducer.id}: ${error.message}`);
  }
}

module.exports = { consume, consumeData };
