'use strict';

// What came of sending over a bad line, as figures: of the packets that the line saw, and of the pictures and
// sounds that picture-watch got behind it. No processes, no clock; all times are ms of one clock.

const { NewestNumbers, readRtp, wireBytes } = require('./line');

// As known_picture.hpp has them.
const PICTURES_PER_SECOND = 30;
const CLIP_PICTURES = 300;
const SOUNDS_PER_SECOND = 50;
/** A player waits as long for what comes late, which is enough to send a packet again where the way is 150 ms. */
const PLAYOUT_MS = 500;
const FROZEN_MS = 200; // a picture that is seen for longer than this stands still
const AVERAGED_MS = 1000; // over which what is sent is averaged
const STEP_MS = 50;
const BACK_SHARE = 0.85;

const rounded = (number, digits = 1) => Number(number.toFixed(digits));
const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
const percent = (part, whole) => (whole > 0 ? rounded(100 * part / whole) : null);

function median(numbers) {
  const ascending = numbers.toSorted((a, b) => a - b);
  return ascending.length > 0 ? ascending[Math.floor(ascending.length / 2)] : null;
}

const within = (items, { fromMs, toMs }) => items.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);

/** What a client sends, packet by packet. */
class SentPackets {
  #newest = new NewestNumbers();
  #rtxTypes;
  all = [];

  /** The payload types of RTX. What is sent again without RTX has a number that is not new. */
  constructor(rtxTypes) {
    this.#rtxTypes = new Set(rtxTypes);
  }

  /** `waitMs`: how long it waits, or would, before the line takes it. */
  add(atMs, data, isLost, waitMs) {
    this.all.push({ atMs, bytes: wireBytes(data), isLost, waitMs, isAgain: this.#isAgain(data) });
  }

  #isAgain(data) {
    const packet = readRtp(data);
    if (!packet) return false;
    const isNewest = this.#newest.advance(packet);
    return this.#rtxTypes.has(packet.payloadType) || !isNewest;
  }
}

/** kbit/s of a time, as the line counts them. */
function sentKbps(packets, time) {
  return sum(within(packets, time).map(({ bytes }) => bytes)) * 8 / (time.toMs - time.fromMs);
}

/** The begin of the first second within a time for whose kbit/s `fits` is true; undefined: there is none. */
function firstSecond(packets, { fromMs, toMs }, fits) {
  const bytes = Array(Math.floor((toMs - fromMs) / STEP_MS)).fill(0); // only whole steps
  for (const packet of within(packets, { fromMs, toMs: fromMs + bytes.length * STEP_MS })) {
    bytes[Math.floor((packet.atMs - fromMs) / STEP_MS)] += packet.bytes;
  }
  const steps = AVERAGED_MS / STEP_MS;
  for (let at = 0; at + steps <= bytes.length; at += 1) {
    if (fits(sum(bytes.slice(at, at + steps)) * 8 / AVERAGED_MS)) return fromMs + at * STEP_MS;
  }
  return undefined;
}

/** How long (ms) until for a second less is sent than the line takes; null: all the time more. */
function belowAfter(packets, time, lineKbps) {
  const begin = firstSecond(packets, time, (kbps) => kbps <= lineKbps);
  return begin === undefined ? null : Math.round(begin - time.fromMs);
}

/** How long (ms) until 85 % of `beforeKbps` have been sent for a second; null: not in this time. */
function backAfter(packets, time, beforeKbps) {
  const begin = firstSecond(packets, time, (kbps) => kbps >= BACK_SHARE * beforeKbps);
  return begin === undefined ? null : Math.round(begin + AVERAGED_MS - time.fromMs);
}

function packetFigures(packets, time) {
  const sent = within(packets, time);
  const waitMs = median(sent.map((packet) => packet.waitMs));
  return {
    sentKbps: Math.round(sentKbps(packets, time)),
    lostPercent: percent(sent.filter(({ isLost }) => isLost).length, sent.length),
    queueMs: waitMs === null ? null : Math.round(waitMs),
    rtx: sent.filter(({ isAgain }) => isAgain).length,
  };
}

/** Numbers that begin again after the last one, as numbers that go on; `ms` tells how often. -1 stays. */
function unwrapped(pictures) {
  let last;
  return pictures.map(([ms, number]) => {
    if (number < 0) return -1;
    const due = last ? last.number + (ms - last.ms) * PICTURES_PER_SECOND / 1000 : number;
    const whole = number + CLIP_PICTURES * Math.max(0, Math.round((due - number) / CLIP_PICTURES));
    last = { ms, number: whole };
    return whole;
  });
}

/** When (ms) pictures are captured, as picture-watch tells them: by a camera that keeps to its rate. */
const steadyCamera = (pictures) =>
  unwrapped(pictures).map((number) => (number < 0 ? undefined : number * 1000 / PICTURES_PER_SECOND));

/** Likewise by one that does not, but tells `captured`, [ms, number] of each. */
function toldCamera(captured, pictures) {
  const times = Map.groupBy(captured, ([, number]) => number);
  // What is older has the number of a picture that it told nothing of.
  const isOfThisRound = (ms, atMs) => ms <= atMs && ms > atMs - CLIP_PICTURES * 500 / PICTURES_PER_SECOND;
  return pictures.map(([atMs, number]) => times.get(number)?.findLast(([ms]) => isOfThisRound(ms, atMs))?.[0]);
}

/**
 * Of the pictures that picture-watch tells, [ms, number, isBroken, width], as {atMs, isBroken, width, lateMs}:
 * how long each took, if the quickest one in a hundred took as long as the line, `delayMs`. One of which it is not
 * known when it was captured took as long as the one before.
 */
function timedPictures(pictures, capturedMs, delayMs) {
  const took = pictures.map(([atMs], at) => (capturedMs[at] === undefined ? undefined : atMs - capturedMs[at]));
  const ascending = took.filter((ms) => ms !== undefined).sort((a, b) => a - b);
  const quickestMs = ascending[Math.floor(ascending.length / 100)];
  let lateMs = delayMs;
  return pictures.map(([atMs, , isBroken, width], at) => {
    if (took[at] !== undefined) lateMs = took[at] - quickestMs + delayMs;
    return { atMs, isBroken, width, lateMs };
  });
}

/** When each is shown by a player that waits PLAYOUT_MS for what is late; what is later yet, when it comes. */
const shownTimes = (pictures) =>
  pictures.map(({ atMs, lateMs }) => atMs + Math.max(0, PLAYOUT_MS - lateMs)).toSorted((a, b) => a - b);

/** ms of a time in which a picture stood still, as that player shows it. */
function frozenMs(pictures, { fromMs, toMs }) {
  const begin = fromMs + PLAYOUT_MS;
  const end = toMs + PLAYOUT_MS;
  const shown = shownTimes(pictures);
  const edges = [Math.min(begin, shown[0] ?? begin), ...shown, Math.max(end, shown.at(-1) ?? end)];
  return sum(edges.slice(1).map((to, at) => {
    const from = edges[at];
    return to - from > FROZEN_MS ? Math.max(0, Math.min(to, end) - Math.max(from, begin)) : 0;
  }));
}

/** `sounds` as picture-watch tells them. */
function seenFigures(pictures, sounds, time) {
  const lengthMs = time.toMs - time.fromMs;
  const seen = within(pictures, time);
  const heard = sounds.filter((ms) => ms >= time.fromMs && ms < time.toMs);
  const lateMs = median(seen.map((picture) => picture.lateMs));
  return {
    fps: rounded(seen.length * 1000 / lengthMs),
    frozenPercent: percent(frozenMs(pictures, time), lengthMs),
    brokenPercent: percent(seen.filter(({ isBroken }) => isBroken).length, seen.length),
    audioPercent: percent(heard.length, lengthMs / 1000 * SOUNDS_PER_SECOND),
    latencyMs: lateMs === null ? null : Math.round(lateMs),
    width: median(seen.map(({ width }) => width)),
  };
}

/**
 * The phases of a line: [{phase, seconds, line}], `line` as Line has it. One that does not change has one phase
 * without a name; others name them, each with what is different and a share of `seconds`, or seconds of its own.
 */
function phasesOf({ phases, ...options }, seconds) {
  if (!phases) return [{ seconds, line: options }];
  return phases.map(({ phase, share, seconds: fixed, ...changes }) =>
    ({ phase, seconds: fixed ?? share * seconds, line: { ...options, ...changes } }));
}

module.exports = {
  SentPackets, backAfter, belowAfter, packetFigures, phasesOf, seenFigures, sentKbps, steadyCamera, timedPictures,
  toldCamera,
};
