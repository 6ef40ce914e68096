'use strict';

const { consumeData } = require('./consuming');
const { RefusedError } = require('./errors');

// mediasoup's channel between Node and the worker takes 4 MiB at once.
const MAX_MESSAGE_SIZE = 4_100_000;

/**
 * What `peer` sends on the data producer comes back to it, with the same payload protocol, on a data
 * consumer of the given reliability ({ordered, maxPacketLifeTime, maxRetransmits}) that it is offered.
 * Resolves when the peer has answered the offer. Ends with the data producer.
 */
async function echo(room, peer, { dataProducerId, reliability }) {
  if (!peer.dataProducers.has(dataProducerId)) {
    throw new RefusedError(404, `peer "${peer.id}" has no data producer "${dataProducerId}"`);
  }
  const transport = await room.router.createDirectTransport({
    maxMessageSize: MAX_MESSAGE_SIZE,
    maxSendMessageSize: MAX_MESSAGE_SIZE,
    maxReceiveMessageSize: MAX_MESSAGE_SIZE,
  });
  const listening = await transport.consumeData({ dataProducerId });
  const answering = await transport.produceData({ label: 'echo' });
  listening.on('message', (message, ppid) => answering.send(message, ppid));
  listening.on('dataproducerclose', () => transport.close());
  await consumeData(peer, undefined, answering, reliability);
}

module.exports = { echo };
