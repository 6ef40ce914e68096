'use strict';

// How a Client speaks the demo's protocol of 2024.

const sctpCapabilities = { numStreams: { OS: 1024, MIS: 1024 } };

const client2024 = {
  greeting: 'mediasoup-version',
  routerRtpCapabilities: (answer) => answer,
  transportRequest: (direction) => ({
    forceTcp: false, producing: direction === 'send', consuming: direction === 'recv', sctpCapabilities,
  }),
  transport: (answer) => answer,
  joinRequest: (data) => ({ ...data, sctpCapabilities }),
  peer: ({ id, displayName, device }) => ({ id, displayName, device }),
  newPeer: (data) => data,
  produceRequest: (data) => ({ ...data, appData: { source: 'test' } }),
  produceDataRequest: (data) => ({ ...data, appData: { info: data.label } }),
  producerId: ({ id }) => id,
  dataProducerId: ({ id }) => id,
  consumerId: ({ id }) => id,
  dataConsumerId: ({ id }) => id,
  stats: (answer) => answer,
  /** What is told without an answer in a dialect that has notifications; resolves when it is done. */
  act: (client, method, data) => client.request(method, data),
  errors: {
    notJoined: 'Peer not yet joined',
    notFound: (thing, id) => `${thing} with id "${id}" not found`,
    unknownRequest: (method) => `unknown request.method "${method}"`,
  },
};

module.exports = { client2024 };
