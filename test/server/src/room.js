'use strict';

const { EventEmitter } = require('node:events');
const protoo = require('protoo-server');
const { Bot } = require('./bot');
const { Broadcasters } = require('./broadcasters');
const { consume } = require('./consuming');
const { Peer } = require('./peer');
const { answerRequest, takeNotification } = require('./peer_messages');
const { SpeakerWatch } = require('./speaker_watch');
const { log } = require('./log');

/** Peers and broadcasters around one router. Emits 'close'. */
class Room extends EventEmitter {
  static async create(options) {
    const router = await options.engine.createRouter();
    const speakers = await SpeakerWatch.create(router);
    const bot = await Bot.create(router);
    return new Room({ ...options, router, speakers, bot });
  }

  closed = false;
  peers = new Map();

  #protooRoom = new protoo.Room();

  constructor({ id, engine, options, throttle, ledger, consumerReplicas, router, speakers, bot }) {
    super();
    this.id = id;
    this.engine = engine;
    this.options = options;
    this.throttle = throttle;
    this.ledger = ledger;
    this.consumerReplicas = consumerReplicas;
    this.router = router;
    this.speakers = speakers;
    this.bot = bot;
    this.broadcasters = new Broadcasters(this);
    speakers.onHappening((happening, facts) => this.tellJoined(happening, facts));
  }

  /**
   * Takes over a connection that speaks `identity.dialect` and comes from `identity.remoteAddress`; a peer
   * of the same id is closed and replaced.
   */
  addPeer(peerId, transport, identity) {
    this.replaceMember(peerId, identity.dialect);
    const peer = new Peer(this.#protooRoom.createPeer(peerId, transport), transport, identity);
    this.peers.set(peerId, peer);
    peer.onRequest((request, accept, reject) => answerRequest(this, peer, request, accept, reject));
    peer.onNotification((notification) => takeNotification(this, peer, notification));
    peer.onClose(() => this.#removePeer(peer));
    const { joinDeadline } = this.options;
    if (identity.dialect.hasJoinDeadline && joinDeadline) peer.expectJoin(joinDeadline);
    peer.tell('connected', { version: this.engine.version, isOldVersion: this.engine.isOldVersion });
    log(`room ${this.id}: peer ${peerId} connected`);
    return peer;
  }

  /** Makes the id free. */
  replaceMember(id, { idsAreShared }) {
    const peer = this.peers.get(id);
    if (peer) {
      peer.replaced = true;
      peer.close();
    }
    if (idsAreShared) this.broadcasters.replace(id);
  }

  /** Joined peers, without `except`. */
  joinedPeers(except) {
    return [...this.peers.values()].filter((peer) => peer.joined && peer !== except);
  }

  /** Joined peers and broadcasters, without `except`. */
  joinedMembers(except) {
    return [...this.joinedPeers(except), ...this.broadcasters.all.filter(({ joined }) => joined)];
  }

  /** Tells all joined peers, each in its dialect. */
  tellJoined(happening, facts, except) {
    for (const peer of this.joinedPeers(except)) peer.tell(happening, facts);
  }

  /** Offers a new producer of a peer or broadcaster to the joined peers and listens whether it speaks. */
  announceProducer(peerId, producer, except) {
    for (const peer of this.joinedPeers(except)) consume(this, peer, peerId, producer);
    if (producer.kind === 'audio') this.speakers.add(producer);
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    this.#protooRoom.close();
    this.router.close();
    log(`room ${this.id}: closed`);
    this.emit('close');
  }

  #removePeer(peer) {
    log(`room ${this.id}: peer ${peer.id} gone`);
    this.peers.delete(peer.id);
    if (this.closed) return;
    if (peer.joined) this.tellJoined(peer.replaced ? 'peerReplaced' : 'peerLeft', { peerId: peer.id });
    else if (peer.lost) this.tellJoined('strangerLost', { peerId: peer.id });
    peer.closeTransports();
    // Not at once: a peer that is replaced by a new connection of the same id leaves the room empty
    // for a moment, and the room must not close under its successor.
    setImmediate(() => {
      if (this.peers.size === 0) this.close();
    });
  }
}

module.exports = { Room };
