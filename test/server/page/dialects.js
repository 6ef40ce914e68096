// How the server wants things said. A dialect has
//   transportRequest(direction), joinRequest(data)   the data of requests
//   transport, producer, dataProducer                what their answers are to mediasoup-client
//   peer, newPeer                                    {id, displayName} of what is told
//   consumer, dataConsumer                           what is offered, to mediasoup-client; `channel` of data
//   chatAppData                                      what makes a data producer the chat
//   act(protoo, method, data)                        says what has been done to a producer
import { dialect2024 } from './dialect_2024.js';
import { dialect2025 } from './dialect_2025.js';

/** By the answer to getRouterRtpCapabilities, a request that both have: [dialect, the capabilities]. */
export function dialectOf(answer) {
  const { routerRtpCapabilities } = answer;
  return routerRtpCapabilities ? [dialect2025, routerRtpCapabilities] : [dialect2024, answer];
}
