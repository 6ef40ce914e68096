// What lives as long as one connection to the room: transports, consumers, the chat.
import { Device } from 'mediasoup-client';
import { dialectOf } from './dialects.js';

export class Stay {
  #room;
  #dialect;
  #device;
  #peers = new Map(); // id -> displayName
  #consuming = new Map(); // id -> promise of a Consumer
  #chat;
  #transports = [];

  /** `room` is the RoomClient whose connection is used and whose events tell what happens. */
  constructor(room) {
    this.#room = room;
    this.openConsumers = [];
  }

  async enter() {
    this.#device = await Device.factory();
    const answer = await this.#room.request('getRouterRtpCapabilities');
    const [dialect, routerRtpCapabilities] = dialectOf(answer);
    this.#dialect = dialect;
    await this.#device.load({ routerRtpCapabilities });
    [this.sendTransport, this.recvTransport] = await Promise.all(
      [this.#createTransport('send'), this.#createTransport('recv')]);
    const { peers } = await this.#room.request('join', dialect.joinRequest({
      displayName: this.#room.me.displayName,
      device: { flag: 'browser', name: this.#device.handlerName, version: '' },
      rtpCapabilities: this.#device.recvRtpCapabilities,
    }));
    peers.forEach((peer) => this.#addPeer(dialect.peer(peer)));
  }

  async openChat() {
    this.#chat = await this.sendTransport.produceData(
      { label: 'chat', ordered: false, maxRetransmits: 1, appData: this.#dialect.chatAppData });
    const open = () => this.#room.tell('chat-open', {});
    if (this.#chat.readyState === 'open') open();
    else this.#chat.on('open', open);
  }

  say(text) {
    if (this.#chat?.readyState !== 'open') throw new Error('the chat is not open');
    this.#chat.send(text);
  }

  /** Tells the server what has been done to a producer. */
  act(protoo, method, data) {
    return this.#dialect.act(protoo, method, data);
  }

  /** Answers a request of the server; throws to refuse. */
  async answer({ method, data }) {
    if (method === 'newConsumer') return this.#consume(this.#dialect.consumer(data));
    if (method === 'newDataConsumer') return this.#consumeData(this.#dialect.dataConsumer(data));
    throw new Error(`unknown request "${method}"`);
  }

  /** Notifications that the page has no use for are ignored. */
  hear({ method, data }) {
    switch (method) {
      case 'newPeer': return this.#addPeer(this.#dialect.newPeer(data));
      case 'peerDisplayNameChanged': return this.#renamePeer(data.peerId, data.displayName);
      case 'peerClosed': return this.#removePeer(data.peerId);
      case 'consumerPaused': return this.#setPaused(data.consumerId, true);
      case 'consumerResumed': return this.#setPaused(data.consumerId, false);
      case 'consumerClosed': return this.#closeConsumer(data.consumerId);
      case 'activeSpeaker': return this.#room.tell('active-speaker', { id: data.peerId ?? null });
    }
  }

  close() {
    for (const transport of this.#transports) transport.close();
    for (const id of [...this.#peers.keys()]) this.#removePeer(id);
    this.openConsumers = [];
  }

  async #createTransport(direction) {
    const dialect = this.#dialect;
    const options = dialect.transport(
      await this.#room.request('createWebRtcTransport', dialect.transportRequest(direction)));
    const transport = direction === 'send'
      ? this.#device.createSendTransport(options) : this.#device.createRecvTransport(options);
    this.#transports.push(transport);
    const { id: transportId } = transport;
    const ask = (method, resultOf) => (data, done, failed) =>
      this.#room.request(method, { transportId, ...data }).then((answer) => done(resultOf(answer)), failed);
    transport.on('connect', ask('connectWebRtcTransport', () => undefined));
    transport.on('produce', ask('produce', dialect.producer));
    transport.on('producedata', ask('produceData', dialect.dataProducer));
    return transport;
  }

  // ---- the others ------------------------------------------------------------------------------

  #addPeer({ id, displayName }) {
    this.#removePeer(id); // one that has come back may not have been taken leave of
    this.#peers.set(id, displayName);
    this.#room.tell('peer-joined', { id, displayName });
  }

  #renamePeer(id, displayName) {
    this.#peers.set(id, displayName);
    this.#room.tell('peer-renamed', { id, displayName });
  }

  #removePeer(id) {
    if (this.#peers.delete(id)) this.#room.tell('peer-left', { id });
  }

  // ---- what they send --------------------------------------------------------------------------

  async #consume({ peerId, producerId, id, kind, rtpParameters, producerPaused, appData }) {
    // One stream id per person: the browser keeps the person's audio and video in sync.
    const consuming = this.recvTransport.consume(
      { id, producerId, kind, rtpParameters, streamId: peerId, appData: { ...appData, peerId } });
    this.#consuming.set(id, consuming);
    const consumer = await consuming;
    if (producerPaused) consumer.pause();
    this.openConsumers.push(consumer);
    this.#room.tell('consumer', { peerId, consumer, paused: producerPaused });
  }

  /** Acts upon a consumer, in the order of the messages although creating it takes a while. */
  async #withConsumer(id, act) {
    const consumer = await Promise.resolve(this.#consuming.get(id)).catch(() => undefined);
    if (consumer) act(consumer, { peerId: consumer.appData.peerId, id });
  }

  #setPaused(consumerId, paused) {
    return this.#withConsumer(consumerId, (consumer, which) => {
      if (paused) consumer.pause();
      else consumer.resume();
      this.#room.tell('consumer-paused', { ...which, paused });
    });
  }

  #closeConsumer(consumerId) {
    return this.#withConsumer(consumerId, (consumer, which) => {
      consumer.close();
      this.#consuming.delete(consumerId);
      this.openConsumers = this.openConsumers.filter((other) => other !== consumer);
      this.#room.tell('consumer-closed', which);
    });
  }

  async #consumeData({ channel, peerId, ...options }) {
    const { id, dataProducerId, sctpStreamParameters, label, protocol, appData } = options;
    const dataConsumer = await this.recvTransport.consumeData(
      { id, dataProducerId, sctpStreamParameters, label, protocol, appData });
    dataConsumer.on('message', (text) => {
      if (typeof text !== 'string' || !['chat', 'bot'].includes(channel)) return;
      this.#room.tell('message', { displayName: this.#peers.get(peerId) ?? 'Bot', text, own: false });
    });
  }
}
