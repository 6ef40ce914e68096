// The room on the screen: follows a RoomClient.
import { Chat } from './chat.js';
import { Controls } from './controls.js';
import { Tile } from './tile.js';

export class RoomView {
  #element;
  #room;
  #own;
  #ownTracks = [];
  #tiles = new Map(); // of the others, by peer id
  #chat;
  #controls;
  #connection = '';
  #problem = '';

  /** `actions` are those of the Controls. */
  constructor(element, roomName, room, actions) {
    this.#element = element;
    this.#room = room;
    element.querySelector('h1').textContent = roomName;
    this.#grid.replaceChildren();
    this.#own = new Tile(this.#grid, room.me.displayName, { own: true });
    this.#chat = new Chat(element.querySelector('.chat'), (text) => room.say(text));
    this.#controls = new Controls(element.querySelector('footer'), room.outgoing, actions);
    this.#follow();
  }

  /** Stays until the next one; what is said of the connection goes before it. */
  showProblem(text) {
    this.#problem = text;
    this.#showStatus();
  }

  #showStatus() {
    this.#element.querySelector('.status').textContent = this.#connection || this.#problem;
  }

  get #grid() {
    return this.#element.querySelector('.tiles');
  }

  #follow() {
    const handlers = {
      'state': ({ state, reason }) => {
        if (state !== 'joined') this.#chat.setEnabled(false);
        this.#connection = reason;
        this.#showStatus();
      },
      'peer-joined': ({ id, displayName }) =>
        this.#tiles.set(id, new Tile(this.#grid, displayName, { peerId: id })),
      'peer-renamed': ({ id, displayName }) => this.#tiles.get(id)?.rename(displayName),
      'peer-left': ({ id }) => {
        this.#tiles.get(id)?.close();
        this.#tiles.delete(id);
      },
      'consumer': ({ peerId, consumer, paused }) =>
        this.#tiles.get(peerId)?.add(consumer.id, consumer.track, paused),
      'consumer-paused': ({ peerId, id, paused }) => this.#tiles.get(peerId)?.setPaused(id, paused),
      'consumer-closed': ({ peerId, id }) => this.#tiles.get(peerId)?.remove(id),
      'active-speaker': ({ id }) => this.#showSpeaker(id),
      'chat-open': () => this.#chat.setEnabled(true),
      'message': ({ displayName, text, own }) => this.#chat.show(displayName, text, { own }),
      'outgoing': () => this.#showOutgoing(),
      'problem': ({ error }) => this.showProblem(error.message),
    };
    for (const [type, handler] of Object.entries(handlers)) {
      this.#room.addEventListener(type, ({ detail }) => handler(detail));
    }
  }

  #showSpeaker(id) {
    this.#own.setSpeaking(id === this.#room.me.id);
    for (const [peerId, tile] of this.#tiles) tile.setSpeaking(peerId === id);
  }

  #showOutgoing() {
    const { outgoing } = this.#room;
    const { tracks } = outgoing;
    for (const track of this.#ownTracks) {
      if (!tracks.includes(track)) this.#own.remove(track.id);
    }
    for (const track of tracks) {
      if (!this.#ownTracks.includes(track)) this.#own.add(track.id, track);
      this.#own.setPaused(track.id, outgoing.isMuted(track.kind));
    }
    this.#ownTracks = tracks;
    this.#controls.update();
  }
}
