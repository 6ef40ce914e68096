// The client of the room server: the demo's protocol over protoo, media through mediasoup-client.
import { Peer, WebSocketTransport } from 'protoo-client';
import { OutgoingMedia } from './outgoing_media.js';
import { Stay } from './stay.js';

/**
 * A person in a room. A connection that is lost is opened again, and the room joined anew. Dispatches
 * CustomEvents, `detail` being
 *   state             {state: connecting, joined or closed; reason: in words, empty if all is as wanted}
 *   peer-joined       {id, displayName}, for those who are there already, too
 *   peer-renamed      {id, displayName}
 *   peer-left         {id}
 *   consumer          {peerId, consumer, paused}
 *   consumer-paused   {peerId, id, paused}: whoever sends has muted or unmuted it
 *   consumer-closed   {peerId, id}
 *   active-speaker    {id}: null in silence
 *   chat-open         {}
 *   message           {displayName, text, own}
 *   outgoing          {}: what `outgoing` tells has changed
 *   problem           {error}: something failed that the stay goes on without
 */
export class RoomClient extends EventTarget {
  #protoo;
  #stay;
  #reason = '';

  /** `url` is the server's, `me` is {id, displayName}. */
  constructor(url, roomId, me) {
    super();
    this.url = `${url}/?${new URLSearchParams({ roomId, peerId: me.id })}`;
    this.me = me;
    this.outgoing = new OutgoingMedia({
      act: (method, data) => this.#stay.act(this.#protoo, method, data),
      changed: () => this.tell('outgoing', {}),
    });
  }

  /** The consumers that there are now, for those who want their statistics. */
  get consumers() {
    return this.#stay?.openConsumers ?? [];
  }

  connect() {
    this.tell('state', { state: 'connecting', reason: 'connecting' });
    this.#protoo = new Peer(new WebSocketTransport(this.url));
    this.#protoo.on('open', () => this.#join());
    this.#protoo.on('failed', () => {
      this.#reason = 'the server does not answer';
      this.tell('state', { state: 'connecting', reason: `${this.#reason}, trying again` });
    });
    this.#protoo.on('disconnected', () => {
      this.#endStay();
      this.tell('state', { state: 'connecting', reason: 'connection lost, trying again' });
    });
    this.#protoo.on('close', () => {
      this.#endStay();
      this.tell('state', { state: 'closed', reason: this.#reason });
    });
    this.#protoo.on('request', (request, accept, reject) => {
      this.#stay.answer(request).then(accept, (error) => reject(500, error.message));
    });
    this.#protoo.on('notification', (notification) => this.#stay.hear(notification));
  }

  leave() {
    this.#reason = '';
    this.#protoo.close();
  }

  request(method, data = {}) {
    return this.#protoo.request(method, data);
  }

  /** Throws while the chat is not open. */
  say(text) {
    if (!this.#stay) throw new Error('not in the room');
    this.#stay.say(text);
    this.tell('message', { displayName: this.me.displayName, text, own: true });
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #join() {
    // What the server ends from here on, it ends on purpose.
    this.#reason = 'the server has ended the connection';
    const stay = new Stay(this);
    this.#stay = stay;
    try {
      await stay.enter();
      this.tell('state', { state: 'joined', reason: '' });
      await stay.openChat();
      await this.outgoing.attach(stay.sendTransport);
    } catch (error) {
      if (stay !== this.#stay) return; // its connection was lost, and that is known
      this.#reason = error.message;
      this.#protoo.close();
    }
  }

  #endStay() {
    this.outgoing.detach();
    this.#stay?.close();
    this.#stay = undefined;
  }
}
