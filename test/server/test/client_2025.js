'use strict';

// How a Client speaks the demo's protocol of 2025.

const sctpCapabilities = { numStreams: { OS: 1024, MIS: 1024 } };

const THINGS = {
  transport: 'WebRtcTransport', producer: 'Producer', consumer: 'Consumer',
  dataProducer: 'DataProducer', dataConsumer: 'DataConsumer',
};

const client2025 = {
  greeting: 'mediasoupVersion',
  routerRtpCapabilities: ({ routerRtpCapabilities }) => routerRtpCapabilities,
  transportRequest: (direction) => ({
    forceTcp: false, sctpCapabilities, appData: { direction: direction === 'send' ? 'producer' : 'consumer' },
  }),
  transport: ({ transportId, ...parameters }) => ({ id: transportId, ...parameters }),
  joinRequest: (data) => ({ ...data, sctpCapabilities }),
  peer: ({ peerId, displayName, device }) => ({ id: peerId, displayName, device }),
  newPeer: ({ peer }) => peer,
  produceRequest: (data) => ({ ...data, appData: { source: data.kind } }),
  produceDataRequest: (data) => ({ ...data, appData: { channel: data.label } }),
  producerId: ({ producerId }) => producerId,
  dataProducerId: ({ dataProducerId }) => dataProducerId,
  consumerId: ({ consumerId }) => consumerId,
  dataConsumerId: ({ dataConsumerId }) => dataConsumerId,
  stats: ({ stats }) => stats,
  act: async (client, method, data) => {
    await client.protoo.notify(method, data);
    // mediasoup's worker answers this after what it was told before.
    await client.request('getTransportStats', { transportId: client.send.id });
    return {};
  },
  errors: {
    notJoined: 'Peer not joined',
    notFound: (thing, id) => `${THINGS[thing]} '${id}' not found`,
    unknownRequest: (method) => `unknown request method '${method}'`,
  },
};

module.exports = { client2025 };
