'use strict';

// A bad line: which packets get lost, and how late the others are. Random, but the same each time with
// the same seed. No sockets, no clock.

const RTP_HEADER_BYTES = 12;
const RTCP_TYPES = { first: 192, last: 223 }; // RFC 5761, section 4
// STUN, RFC 8489.
const STUN_HEADER_BYTES = 20;
const STUN_BINDING_REQUEST = 0x0001;
const STUN_COOKIE = 0x2112a442;
const STUN_USERNAME = 0x0006;

/** Numbers from 0 to below 1: mulberry32. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Loses each packet with the same probability. */
const randomLoss = (share, random) => () => random() < share;

/** Gilbert's model: what comes within a burst is lost; each packet may begin one, or end it. */
function burstLoss({ begin, end }, random) {
  let inBurst = false;
  return () => {
    inBurst = random() < (inBurst ? 1 - end : begin);
    return inBurst;
  };
}

/** What becomes of the packets of one direction. */
class Direction {
  #isLost;
  #random;

  /**
   * `loss`: a share of 1; `burst`: {begin, end}, shares too, instead. All packets take `delayMs`, and
   * each up to `jitterMs` more, by chance, whatever the one before it took: they overtake each other.
   */
  constructor({ loss = 0, burst, delayMs = 0, jitterMs = 0 }, seed) {
    this.#random = randomNumbers(seed);
    this.#isLost = burst ? burstLoss(burst, this.#random) : randomLoss(loss, this.#random);
    this.delayMs = delayMs;
    this.jitterMs = jitterMs;
  }

  get reorders() {
    return this.jitterMs > 0;
  }

  /** Milliseconds until the next packet is there; undefined: it gets lost. */
  next() {
    if (this.#isLost()) return undefined;
    return this.delayMs + (this.reorders ? this.jitterMs * this.#random() : 0);
  }
}

/** Both directions, equally bad; the round trip takes `rttMs`. */
class Line {
  constructor({ rttMs = 0, ...options }, seed) {
    const direction = { ...options, delayMs: rttMs / 2 };
    this.up = new Direction(direction, seed);
    this.down = new Direction(direction, seed + 1);
  }

  /** Another packet went that way, `direction` "up" or "down"; to be replaced by whoever counts. */
  onPacket(_direction, _data, _isLost) {}
}

/** {ssrc, sequenceNumber}, or undefined for what is no RTP: STUN, DTLS, RTCP. */
function readRtp(data) {
  if (data.length < RTP_HEADER_BYTES || data[0] >> 6 !== 2) return undefined;
  if (data[1] >= RTCP_TYPES.first && data[1] <= RTCP_TYPES.last) return undefined;
  return { ssrc: data.readUInt32BE(8), sequenceNumber: data.readUInt16BE(2) };
}

/** The user name of a binding request of ICE, which has new ones after a restart; undefined: it is none. */
function readIceUsername(data) {
  if (data.length < STUN_HEADER_BYTES || data.readUInt16BE(0) !== STUN_BINDING_REQUEST) return undefined;
  if (data.readUInt32BE(4) !== STUN_COOKIE) return undefined;
  for (let at = STUN_HEADER_BYTES; at + 4 <= data.length;) {
    const length = data.readUInt16BE(at + 2);
    if (data.readUInt16BE(at) === STUN_USERNAME) return data.toString('latin1', at + 4, at + 4 + length);
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return undefined;
}

/**
 * Counts the packets of some streams that were lost when they were sent first. What is sent again in the
 * same stream, as without RTX, does not count, lost or not: its number is not new.
 */
class LossCount {
  #newest = new Map();
  sent = 0;
  lost = 0;

  constructor(ssrcs) {
    this.ssrcs = new Set(ssrcs);
  }

  add(data, isLost) {
    const packet = readRtp(data);
    if (!packet || !this.ssrcs.has(packet.ssrc) || !this.#isNew(packet)) return;
    this.sent += 1;
    if (isLost) this.lost += 1;
  }

  #isNew({ ssrc, sequenceNumber }) {
    const newest = this.#newest.get(ssrc);
    const ahead = newest === undefined ? 1 : (sequenceNumber - newest) & 0xffff;
    if (ahead === 0 || ahead >= 0x8000) return false;
    this.#newest.set(ssrc, sequenceNumber);
    return true;
  }
}

module.exports = { Direction, Line, LossCount, readIceUsername };
