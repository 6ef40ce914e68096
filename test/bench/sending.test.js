'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');
const {
  SentPackets, backAfter, belowAfter, packetFigures, phasesOf, seenFigures, sentKbps, steadyCamera, timedPictures,
  toldCamera,
} = require('./sending');

const UDP_IP_BYTES = 28;

function rtp(sequenceNumber, { payloadType = 101, bytes = 100 } = {}) {
  const packet = Buffer.alloc(bytes - UDP_IP_BYTES);
  packet[0] = 0x80;
  packet[1] = payloadType;
  packet.writeUInt16BE(sequenceNumber, 2);
  packet.writeUInt32BE(payloadType, 8);
  return packet;
}

/** A packet of 125 bytes, which is 1000 bits, each so many ms. */
const steady = (fromMs, toMs, everyMs) => Array.from({ length: (toMs - fromMs) / everyMs },
  (_, at) => ({ atMs: fromMs + at * everyMs, bytes: 125, isLost: false, waitMs: 0, isAgain: false }));

const time = (fromMs, toMs) => ({ fromMs, toMs });

describe('what a client sends', () => {
  it('is counted as the line counts it, with what got lost, waited and was sent again', () => {
    const packets = new SentPackets([102]);
    packets.add(0, rtp(1), false, 5);
    packets.add(100, rtp(2), true, 10);
    packets.add(200, rtp(7, { payloadType: 102 }), false, 15);
    packets.add(300, rtp(3, { bytes: 200 }), false, 20);
    packets.add(400, rtp(2), false, 25);
    packets.add(500, Buffer.alloc(100 - UDP_IP_BYTES, 22), false, 30);
    packets.add(1000, rtp(4), true, 1000);
    assert.deepStrictEqual(packetFigures(packets.all, time(0, 1000)),
      { sentKbps: 6, lostPercent: 16.7, queueMs: 20, rtx: 2 });
  });

  it('is nothing in a time in which nothing is sent', () => {
    assert.deepStrictEqual(packetFigures([], time(0, 1000)),
      { sentKbps: 0, lostPercent: null, queueMs: null, rtx: 0 });
  });

  it('is told in kbit/s of a time', () => {
    assert.strictEqual(sentKbps(steady(0, 4000, 2), time(1000, 3000)), 500);
  });
});

describe('the reaction to a line that changes', () => {
  const reacting = [...steady(0, 3000, 1), ...steady(3000, 8000, 4)]; // 1000 kbit/s, then 250

  it('is as late as the first second in which no more is sent than the line takes', () => {
    assert.strictEqual(belowAfter(reacting, time(1000, 8000), 250), 2000);
    assert.strictEqual(belowAfter(reacting, time(1000, 8000), 1000), 0);
  });

  it('has not come where more is sent all the time, or for less than a second not', () => {
    assert.strictEqual(belowAfter(reacting, time(0, 8000), 200), null);
    assert.strictEqual(belowAfter(reacting, time(1000, 3900), 250), null);
    assert.strictEqual(belowAfter(steady(0, 3000, 1), time(1000, 2990), 990), null);
  });

  it('has an end when nearly as much is sent as before', () => {
    const growing = [...steady(0, 2000, 10), ...steady(2000, 4000, 5), ...steady(4000, 6000, 2)];
    assert.strictEqual(backAfter(growing, time(0, 6000), 500), 4750);
    assert.strictEqual(backAfter(growing, time(0, 6000), 600), null);
  });
});

const RATE = 30;
const capturedMs = (number) => number * 1000 / RATE;

/** Of so many seconds, as picture-watch tells them, each `lateMs` after it was captured. */
const pictures = (fromSeconds, toSeconds, { lateMs = 20, isBroken = false } = {}) =>
  Array.from({ length: (toSeconds - fromSeconds) * RATE }, (_, at) => {
    const number = fromSeconds * RATE + at;
    return [capturedMs(number) + lateMs, number % 300, isBroken, 640];
  });

describe('the pictures that came', () => {
  const figures = (seen, fromSeconds, toSeconds) => {
    const { audioPercent, ...others } = seenFigures(timedPictures(seen, steadyCamera(seen), 20), [],
      time(fromSeconds * 1000, toSeconds * 1000));
    assert.strictEqual(audioPercent, 0);
    return others;
  };

  it('are as late as the line where it is good, also after the last number', () => {
    assert.deepStrictEqual(figures(pictures(0, 39), 24, 38),
      { fps: 30, frozenPercent: 0, brokenPercent: 0, latencyMs: 20, width: 640 });
  });

  it('are later where they wait', () => {
    const seen = [...pictures(0, 14), ...pictures(14, 20, { lateMs: 320 })];
    assert.strictEqual(figures(seen, 15, 18).latencyMs, 320);
  });

  it('stand still where some are missing for more than 200 ms', () => {
    const seen = (from, to) => [...pictures(0, from), ...pictures(to, 9)];
    assert.strictEqual(figures(seen(4, 4.1), 4, 8).frozenPercent, 0);
    assert.strictEqual(figures(seen(5, 6), 4, 8).frozenPercent, 25.8);
  });

  it('do not stand still where they come late, but early enough for a player', () => {
    const seen = (lateMs) => [...pictures(0, 4), ...pictures(4, 5, { lateMs }), ...pictures(5, 9)];
    assert.strictEqual(figures(seen(450), 4, 8).frozenPercent, 0);
    assert.ok(figures(seen(1520), 4, 8).frozenPercent >= 20);
  });

  it('stand still as long as the time where none comes', () => {
    assert.deepStrictEqual(figures(pictures(0, 3), 5, 8),
      { fps: 0, frozenPercent: 100, brokenPercent: null, latencyMs: null, width: null });
  });

  it('count a stand-still in the times that it belongs to, to each its part', () => {
    const seen = [...pictures(0, 3), ...pictures(6, 9)]; // shown as if it were from 3.467 to 6.5
    assert.strictEqual(figures(seen, 5, 8).frozenPercent, 33.3);
    assert.strictEqual(figures(seen, 2, 5).frozenPercent, 67.8);
  });

  it('are broken where they are not what they should be', () => {
    const seen = [...pictures(0, 5), ...pictures(5, 6, { isBroken: true }), ...pictures(6, 9)];
    assert.strictEqual(figures(seen, 4, 8).brokenPercent, 25);
  });

  it('need not say their number to be shown', () => {
    const seen = pictures(0, 9).map((picture, at) => (at % 10 === 9 ? [picture[0], -1, true, 640] : picture));
    const { fps, frozenPercent, brokenPercent, latencyMs } = figures(seen, 4, 8);
    assert.deepStrictEqual({ fps, frozenPercent, brokenPercent, latencyMs },
      { fps: 30, frozenPercent: 0, brokenPercent: 10, latencyMs: 20 });
  });

  it('are none, perhaps', () => {
    assert.strictEqual(figures([], 4, 8).frozenPercent, 100);
  });
});

describe('a camera that falls behind', () => {
  /** From picture 310 on 400 ms later. */
  const behind = (number) => capturedMs(number) + (number >= 310 ? 400 : 0);
  const numbers = Array.from({ length: 600 }, (_, at) => at + 17);
  const seen = numbers.map((number) => [behind(number) + 20, number % 300, false, 640]);
  const captured = numbers.filter((number) => number !== 400).map((number) => [behind(number), number % 300]);
  const lateness = (times) => timedPictures(seen, times, 20).map(({ lateMs }) => Math.round(lateMs));

  it('makes pictures late that are not, unless it tells when it captured them', () => {
    assert.deepStrictEqual(new Set(lateness(steadyCamera(seen))), new Set([20, 420]));
    assert.deepStrictEqual(new Set(lateness(toldCamera(captured, seen))), new Set([20]));
  });

  it('does not mix up the rounds of its pictures', () => {
    const [early, late] = [toldCamera(captured, seen).at(20), toldCamera(captured, seen).at(320)];
    assert.strictEqual(Math.round(early), Math.round(behind(37)));
    assert.strictEqual(Math.round(late), Math.round(behind(337)));
  });
});

describe('the sound that came', () => {
  it('is told of 50 frames a second', () => {
    const sounds = Array.from({ length: 40 }, (_, at) => 1000 + at * 25);
    assert.strictEqual(seenFigures([], sounds, time(1000, 2000)).audioPercent, 80);
  });
});

describe('the phases of a line', () => {
  it('are one where it does not change', () => {
    assert.deepStrictEqual(phasesOf({ rttMs: 40, up: { loss: 1 } }, 20),
      [{ seconds: 20, line: { rttMs: 40, up: { loss: 1 } } }]);
  });

  it('have what is different, and their own time or their share of it', () => {
    const line = { rttMs: 40, phases: [{ phase: 'a', share: 0.5 }, { phase: 'b', seconds: 3, loss: 1 }] };
    assert.deepStrictEqual(phasesOf(line, 20), [
      { phase: 'a', seconds: 10, line: { rttMs: 40 } },
      { phase: 'b', seconds: 3, line: { rttMs: 40, loss: 1 } },
    ]);
  });
});
