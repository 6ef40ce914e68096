'use strict';

const { demo2024 } = require('./demo_2024');
const { demo2025 } = require('./demo_2025');

/**
 * The dialects of mediasoup-demo's protocol, by the year in which they appeared. A dialect words what one
 * connection says and hears; the rooms know only the actions of peer_actions.js and what happens:
 *   requests       method -> {action, afterJoin, read, write}: what `action` (the method's name, if absent)
 *                  is given is read(data, peer), and what it gives is answered as write(result)
 *   notifications  method -> the same without write, and kills(data): why the real server, which does not
 *                  look at what its notifications come to, would die of it
 *   happenings     name -> facts => [[method, data], ...]: the notifications that tell it
 *   offers         consumer and dataConsumer -> facts => [method, data]: the requests that offer it
 *   errors         notJoined(), notFound(thing, id), forbidden()
 *   unknownRequest method => [[code, reason], ...]: the answers to it
 *   admit          ({origin, query, expectedOrigin}) => {roomId, peerId, consumerReplicas}; throws what a
 *                  WebSocket is refused with
 *   closesOn       the states of a transport's ice, dtls and sctp that end the peer
 *   botAnswer, botGreeting   the bot's words; no greeting where there is none
 *   hasJoinDeadline, maxIncomingBitrate   (undefined: unlimited)
 *   idsAreShared   a peer and a broadcaster cannot have the same id
 */
const DIALECTS = { 2024: demo2024, 2025: demo2025 };

module.exports = { DIALECTS };
