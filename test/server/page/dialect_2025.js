// mediasoup-demo's protocol since October 2025.
import { SCTP_CAPABILITIES as sctpCapabilities } from './sctp_capabilities.js';

const withId = (name) => ({ [name]: id, ...data }) => ({ id, ...data });
const peer = withId('peerId');

export const dialect2025 = {
  transportRequest: (direction) => ({
    forceTcp: false,
    sctpCapabilities,
    appData: { direction: direction === 'send' ? 'producer' : 'consumer' },
  }),
  joinRequest: (data) => ({ ...data, sctpCapabilities }),
  transport: withId('transportId'),
  producer: withId('producerId'),
  dataProducer: withId('dataProducerId'),
  peer,
  newPeer: (data) => peer(data.peer),
  consumer: withId('consumerId'),
  dataConsumer: (data) => ({ ...withId('dataConsumerId')(data), channel: data.appData.channel }),
  chatAppData: { channel: 'chat' },
  act: (protoo, method, data) => protoo.notify(method, data),
};
