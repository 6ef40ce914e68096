'use strict';

// A bad line: which packets get lost, and how late the others are. Random, but the same each time with
// the same seed. No sockets, no clock: whoever asks says what time it is.

const RTP_HEADER_BYTES = 12;
const IP_UDP_BYTES = 28; // without options, IPv4
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
  /** When all that waits will have gone. */
  #freeAtMs = 0;

  constructor(options, seed) {
    this.#random = randomNumbers(seed);
    this.change(options);
  }

  /**
   * From now on; what is not named is as on a good line.
   * `loss`: a share of 1, and 1 is a blackout; `burst`: {begin, end}, shares too, instead. All packets take
   * `delayMs`, and each up to `jitterMs` more, by chance, whatever the one before it took: they overtake each
   * other. Where there is a rate, `bytesPerSecond`, packets wait for those before them, and one that would wait
   * longer than `queueMs` is dropped. What waits already goes on at the rate of before.
   */
  change({ loss = 0, burst, delayMs = 0, jitterMs = 0, bytesPerSecond = Infinity, queueMs = Infinity }) {
    this.#isLost = burst ? burstLoss(burst, this.#random) : randomLoss(loss, this.#random);
    Object.assign(this, { delayMs, jitterMs, bytesPerSecond, queueMs });
  }

  get reorders() {
    return this.jitterMs > 0;
  }

  /** How long a packet would wait for those before it. */
  waitMs(nowMs) {
    return Math.max(0, this.#freeAtMs - nowMs);
  }

  /** Milliseconds until the next packet, which has so many bytes, is there; undefined: it gets lost. */
  next(bytes = 0, nowMs = 0) {
    const waitMs = this.waitMs(nowMs);
    if (waitMs > this.queueMs) return undefined;
    const onLineMs = waitMs + bytes * 1000 / this.bytesPerSecond;
    this.#freeAtMs = nowMs + onLineMs;
    if (this.#isLost()) return undefined; // behind the queue, in which it took its place
    return onLineMs + this.delayMs + (this.reorders ? this.jitterMs * this.#random() : 0);
  }
}

/**
 * Both directions: alike, but for what `up` and `down` say of one of them, as Direction.change() has it; the
 * round trip takes `rttMs`.
 */
class Line {
  constructor(options, seed) {
    const { up, down } = directionsOf(options);
    this.up = new Direction(up, seed);
    this.down = new Direction(down, seed + 1);
  }

  /** From now on; what waits in the queues stays there. */
  change(options) {
    const { up, down } = directionsOf(options);
    this.up.change(up);
    this.down.change(down);
  }

  /** Another packet went that way, `direction` "up" or "down"; to be replaced by whoever counts. */
  onPacket(_direction, _data, _isLost) {}
}

function directionsOf({ rttMs = 0, up, down, ...both }) {
  const delayMs = rttMs / 2;
  return { up: { delayMs, ...both, ...up }, down: { delayMs, ...both, ...down } };
}

/** What a packet is on the wire, where rates are counted. */
const wireBytes = (data) => data.length + IP_UDP_BYTES;

/** {ssrc, sequenceNumber, payloadType}, or undefined for what is no RTP: STUN, DTLS, RTCP. */
function readRtp(data) {
  if (data.length < RTP_HEADER_BYTES || data[0] >> 6 !== 2) return undefined;
  if (data[1] >= RTCP_TYPES.first && data[1] <= RTCP_TYPES.last) return undefined;
  return { ssrc: data.readUInt32BE(8), sequenceNumber: data.readUInt16BE(2), payloadType: data[1] & 0x7f };
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

/** Tells what is sent first from what is sent again in the same stream, as without RTX: its number is not new. */
class NewestNumbers {
  #newest = new Map();

  /** Whether the packet, as readRtp() gives it, is the newest of its stream. */
  advance({ ssrc, sequenceNumber }) {
    const newest = this.#newest.get(ssrc);
    const ahead = newest === undefined ? 1 : (sequenceNumber - newest) & 0xffff;
    if (ahead === 0 || ahead >= 0x8000) return false;
    this.#newest.set(ssrc, sequenceNumber);
    return true;
  }
}

/** Counts the packets of some streams that were lost when they were sent first. */
class LossCount {
  #newest = new NewestNumbers();
  sent = 0;
  lost = 0;

  constructor(ssrcs) {
    this.ssrcs = new Set(ssrcs);
  }

  add(data, isLost) {
    const packet = readRtp(data);
    if (!packet || !this.ssrcs.has(packet.ssrc) || !this.#newest.advance(packet)) return;
    this.sent += 1;
    if (isLost) this.lost += 1;
  }
}

module.exports = { Direction, Line, LossCount, NewestNumbers, readIceUsername, readRtp, wireBytes };
