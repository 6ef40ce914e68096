'use strict';

const { EventEmitter } = require('node:events');
const protoo = require('protoo-server');
const { Bot } = require('./bot');
const { Broadcasters } = require('./broadcasters');
const { consume } = require('./consuming');
const { Peer } = require('./peer');
const { answerRequest } = require('./peer_requests');
const { log } = require('./log');

const SPEAKING_THRESHOLD_DB = -80;
const SPEAKING_INTERVAL_MS = 800;

/** Peers and broadcasters around one router. Emits 'close'. */
class Room extends EventEmitter {
  static async create({ id, engine, options, throttle, consumerReplicas }) {
    const router = await engine.createRouter();
    const audioLevelObserver = await router.createAudioLevelObserver({
      maxEntries: 1,
      threshold: SPEAKING_THRESHOLD_DB,
      interval: SPEAKING_INTERVAL_MS,
    });
    const bot = await Bot.create(router);
    return new Room({ id, engine, options, throttle, consumerReplicas, router, audioLevelObserver, bot });
  }

  closed = false;
  peers = new Map();

  #protooRoom = new protoo.Room();

  constructor({ id, engine, options, throttle, consumerReplicas, router, audioLevelObserver, bot }) {
    super();
    this.id = id;
    this.engine = engine;
    this.options = options;
    this.throttle = throttle;
    this.consumerReplicas = consumerReplicas;
    this.router = router;
    this.audioLevelObserver = audioLevelObserver;
    this.bot = bot;
    this.broadcasters = new Broadcasters(this);
    this.#announceSpeakers();
  }

  /** Takes over a WebSocket; a peer of the same id is closed and replaced. */
  addPeer(peerId, webSocketTransport) {
    this.peers.get(peerId)?.close();
    const peer = new Peer(this.#protooRoom.createPeer(peerId, webSocketTransport), webSocketTransport);
    this.peers.set(peerId, peer);
    peer.onRequest((request, accept, reject) => answerRequest(this, peer, request, accept, reject));
    peer.onClose(() => this.#removePeer(peer));
    const version = this.engine.announcedVersion;
    if (version) peer.notify('mediasoup-version', { version });
    log(`room ${this.id}: peer ${peerId} connected`);
    return peer;
  }

  /** Joined peers, without `except`. */
  joinedPeers(except) {
    return [...this.peers.values()].filter((peer) => peer.joined && peer !== except);
  }

  notifyJoined(method, data, except) {
    for (const peer of this.joinedPeers(except)) peer.notify(method, data);
  }

  /** Offers a new producer of a peer or broadcaster to the joined peers and watches its volume. */
  announceProducer(peerId, producer, except) {
    for (const peer of this.joinedPeers(except)) consume(this, peer, peerId, producer);
    if (producer.kind !== 'audio') return;
    this.audioLevelObserver.addProducer({ producerId: producer.id })
      .catch((error) => log(`room ${this.id}: no volume of ${producer.id}: ${error.message}`));
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
    if (peer.joined) this.notifyJoined('peerClosed', { peerId: peer.id });
    peer.closeTransports();
    // Not at once: a peer that is replaced by a new connection of the same id leaves the room empty
    // for a moment, and the room must not close under its successor.
    setImmediate(() => {
      if (this.peers.size === 0) this.close();
    });
  }

  #announceSpeakers() {
    this.audioLevelObserver.on('volumes', ([{ producer, volume }]) =>
      this.notifyJoined('activeSpeaker', { peerId: producer.appData.peerId, volume }));
    this.audioLevelObserver.on('silence', () => this.notifyJoined('activeSpeaker', { peerId: null }));
  }
}

module.exports = { Room };
