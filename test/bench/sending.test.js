'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');
const {
  SentPackets, backAfter, belowAfter, packetFigures, phasesOf, seenFigures, sentKbps, timedPictures,
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
  });

  it('has an end when nearly as much is sent as before', () => {
    const growing = [...steady(0, 2000, 10), ...steady(2000, 4000, 5), ...steady(4000, 6000, 2)];
    assert.strictEqual(backAfter(growing, time(0, 6000), 500), 4750);
    assert.strictEqual(backAfter(growing, time(0, 6000), 600), null);
  });
});

/** As picture-watch tells them, each `lateMs` after it was sent; the clocks differ by 1000 ms. */
const picture = (sentMs, lateMs, { isBroken = false, width = 640 } = {}) =>
  [sentMs + 1000 + lateMs, 0, isBroken, sentMs, width];
const pictures = (fromMs, toMs, lateMs = 20) =>
  Array.from({ length: (toMs - fromMs) / 40 }, (_, at) => picture(fromMs + at * 40, lateMs));

describe('the pictures that came', () => {
  const good = time(1000, 3000);
  const figures = (seen, fromMs, toMs, sounds = []) =>
    seenFigures(timedPictures(seen, good, 20), sounds, time(fromMs, toMs));

  it('are as late as the line where it is good', () => {
    const { fps, frozenPercent, brokenPercent, latencyMs, width } = figures(pictures(0, 9000), 4000, 8000);
    assert.deepStrictEqual({ fps, frozenPercent, brokenPercent, latencyMs, width },
      { fps: 25, frozenPercent: 0, brokenPercent: 0, latencyMs: 20, width: 640 });
  });

  it('stand still where some are missing for more than 200 ms', () => {
    const seen = (toMs) => [...pictures(0, 4000), ...pictures(toMs, 9000)];
    assert.strictEqual(figures(seen(4160), 4000, 8000).frozenPercent, 0);
    assert.strictEqual(figures(seen(4960), 4000, 8000).frozenPercent, 25);
  });

  it('do not stand still where they come late, but early enough for a player', () => {
    const late = [...pictures(0, 4000), ...pictures(4000, 5000, 450), ...pictures(5000, 9000)];
    assert.strictEqual(figures(late, 4000, 8000).frozenPercent, 0);
    const tooLate = [...pictures(0, 4000), ...pictures(4000, 5000, 1520), ...pictures(5000, 9000)];
    assert.ok(figures(tooLate, 4000, 8000).frozenPercent >= 20);
  });

  it('stand still as long as the time where none comes', () => {
    const { fps, frozenPercent, brokenPercent, latencyMs, width } = figures(pictures(0, 3000), 5000, 8000);
    assert.deepStrictEqual({ fps, frozenPercent, brokenPercent, latencyMs, width },
      { fps: 0, frozenPercent: 100, brokenPercent: null, latencyMs: null, width: null });
  });

  it('count a stand-still in the time that it belongs to only', () => {
    const seen = [...pictures(0, 3000), ...pictures(6000, 9000)]; // the next one comes at 7020
    assert.strictEqual(figures(seen, 5000, 8000).frozenPercent, 66.7);
    assert.strictEqual(figures(seen, 2000, 5000).frozenPercent, 34.7);
  });

  it('are broken where they are not what they should be', () => {
    const seen = [...pictures(0, 5000), ...Array.from({ length: 25 }, (_, at) =>
      picture(5000 + at * 40, 20, { isBroken: true })), ...pictures(6000, 9000)];
    assert.strictEqual(figures(seen, 4000, 8000).brokenPercent, 25);
  });

  it('cannot be judged where none came on the good line', () => {
    assert.throws(() => timedPictures(pictures(4000, 5000), good, 0), /no picture came/);
  });
});

describe('the sound that came', () => {
  it('is told of 50 frames a second', () => {
    const sounds = Array.from({ length: 40 }, (_, at) => [1000 + at * 25, 0]);
    const seen = timedPictures(pictures(0, 3000), time(1000, 3000), 0);
    assert.strictEqual(seenFigures(seen, sounds, time(1000, 2000)).audioPercent, 80);
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
