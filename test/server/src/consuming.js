'use strict';

const { log } = require('./log');

/** Keeps `peer` informed about `consumer` until the consumer is gone. */
function followConsumer(peer, consumer) {
  const consumerId = consumer.id;
  peer.consumers.set(consumerId, consumer);
  consumer.observer.once('close', () => peer.consumers.delete(consumerId));
  consumer.on('producerclose', () => peer.tell('consumerClosed', { consumerId }));
  consumer.on('producerpause', () => peer.tell('consumerPaused', { consumerId }));
  consumer.on('producerresume', () => peer.tell('consumerResumed', { consumerId }));
  consumer.on('score', (score) => peer.tell('consumerScore', { consumerId, score }));
  consumer.on('layerschange', (layers) => peer.tell('consumerLayers', { consumerId, layers }));
}

async function consumeOnce(peer, producerPeerId, producer, { consumeUnpaused }) {
  const transport = peer.consumingTransport;
  const consumer = await transport.consume({
    producerId: producer.id,
    rtpCapabilities: peer.rtpCapabilities,
    enableRtx: true,
    ignoreDtx: true,
    paused: !consumeUnpaused,
  });
  followConsumer(peer, consumer);
  const accepted = peer.offer('consumer', { peerId: producerPeerId, producer, consumer, transport });
  if (!consumeUnpaused) {
    await accepted;
    await consumer.resume();
  }
  peer.tell('consumerResumedFirst', { consumerId: consumer.id, score: consumer.score });
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
  const consumers = [];
  for (let replica = 0; replica < 1 + room.consumerReplicas; ++replica) {
    consumers.push(consumeOnce(peer, producerPeerId, producer, room.options)
      .catch((error) => log(`${peer.id}: newConsumer of ${producer.id}: ${error.message}`)));
  }
  await Promise.all(consumers);
}

function followDataConsumer(peer, dataConsumer) {
  const dataConsumerId = dataConsumer.id;
  peer.dataConsumers.set(dataConsumerId, dataConsumer);
  dataConsumer.observer.once('close', () => peer.dataConsumers.delete(dataConsumerId));
  dataConsumer.on('dataproducerclose', () => peer.tell('dataConsumerClosed', { dataConsumerId }));
  dataConsumer.on('sctpsendbufferfull', () => log(`${peer.id}: dropped a message of "${dataConsumer.label}"`));
}

/**
 * Lets `peer` consume a data producer; `producerPeerId` is undefined for the bot. `reliability` is that of
 * the data producer unless given. Never throws.
 */
async function consumeData(peer, producerPeerId, dataProducer, reliability = {}) {
  const transport = peer.consumingTransport;
  if (!peer.consumesData || !transport?.sctpParameters) return;
  try {
    const dataConsumer = await transport.consumeData({ dataProducerId: dataProducer.id, ...reliability });
    followDataConsumer(peer, dataConsumer);
    await peer.offer('dataConsumer', { peerId: producerPeerId, dataProducer, dataConsumer, transport });
  } catch (error) {
    log(`${peer.id}: newDataConsumer of ${dataProducer.id}: ${error.message}`);
  }
}

module.exports = { consume, consumeData };
