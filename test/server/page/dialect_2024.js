// mediasoup-demo's protocol until September 2025.
import { SCTP_CAPABILITIES as sctpCapabilities } from './sctp_capabilities.js';

const asItIs = (data) => data;

export const dialect2024 = {
  transportRequest: (direction) => ({
    forceTcp: false,
    producing: direction === 'send',
    consuming: direction === 'recv',
    sctpCapabilities,
  }),
  joinRequest: (data) => ({ ...data, sctpCapabilities }),
  transport: asItIs,
  producer: asItIs,
  dataProducer: asItIs,
  peer: asItIs,
  newPeer: asItIs,
  consumer: asItIs,
  dataConsumer: (data) => ({ ...data, channel: data.label }),
  chatAppData: { info: 'my-chat-DataProducer' },
  act: (protoo, method, data) => protoo.request(method, data),
};
