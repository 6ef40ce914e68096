'use strict';

// Broadcasters in the room: each has one plain transport with an audio and a video producer, which
// rtp-sender feeds.

const { Child, ROOM } = require('./processes');

const FIRST_SSRC = 10_000;
const AT_ONCE = 8; // requests to the server

// As rtp-sender sends them.
const CODECS = {
  audio: { mimeType: 'audio/opus', clockRate: 48000, channels: 2, payloadType: 100 },
  video: { mimeType: 'video/VP8', clockRate: 90000, payloadType: 101 },
};

async function inGroups(items, action) {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    await Promise.all(items.slice(at, at + AT_ONCE).map(action));
  }
}

class PlainPairs {
  #server;
  #names;
  #ports = [];
  #sender;

  constructor(server, count) {
    this.#server = server;
    this.#names = Array.from({ length: count }, (_, index) => `pair${index}`);
  }

  /** So many pairs that are there and silent; the room must be there already. */
  static async open(server, count) {
    const pairs = new PlainPairs(server, count);
    await inGroups([...pairs.#names.keys()], (index) => pairs.#openOne(index));
    return pairs;
  }

  async #openOne(index) {
    const peerId = this.#names[index];
    const all = `/rooms/${ROOM}/broadcasters`;
    const post = (resource, body) => this.#server.http('POST', `${all}${resource}`, body);
    await post('', { peerId, displayName: peerId, device: { flag: 'broadcaster', name: 'rtp-sender' } });
    await post(`/${peerId}/join`, {});
    const { transportId, port } = await post(`/${peerId}/transports`,
      { direction: 'producer', comedia: true, rtcpMux: true });
    const kinds = Object.keys(CODECS);
    await Promise.all(kinds.map((kind, at) => post(`/${peerId}/producers`, {
      transportId,
      kind,
      rtpParameters: {
        codecs: [CODECS[kind]],
        encodings: [{ ssrc: FIRST_SSRC + index * kinds.length + at }],
        rtcp: { cname: peerId },
      },
      appData: { source: kind },
    })));
    this.#ports[index] = port;
  }

  /** Lets them send from now on; gives the process. */
  async send(senderProgram, clip) {
    const sender = new Child('rtp-sender', senderProgram, [clip, String(FIRST_SSRC), ...this.#ports.map(String)]);
    const begun = new Promise((resolve) => sender.onLine((line) => {
      if (line.startsWith('{')) sender.summary = JSON.parse(line);
      else resolve();
    }));
    await sender.expect('it sends', begun);
    this.#sender = sender;
    return sender;
  }

  /** Gives what has been sent: {sent, failed, latest, late}. */
  async endSending() {
    const sender = this.#sender;
    this.#sender = undefined;
    await sender.stop();
    if (!sender.summary) throw new Error(`rtp-sender gave no summary: ${sender.log}`);
    return sender.summary;
  }

  async close() {
    await this.#sender?.stop();
    await inGroups(this.#names, (name) => this.#server.http('DELETE', `/rooms/${ROOM}/broadcasters/${name}`));
  }
}

module.exports = { PlainPairs };
