'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');
const {
  avOffset, brokenAmong, chromiumFigures, counterFigures, freezesAmong, recordingFigures, tableLine,
} = require('./reception');

const CLIP = { video: 60, audio: 101 };
const KEY_FRAMES = 30;

/** Recorded frames of so many seconds of the clip, again and again, from `startMs` on. */
const video = (seconds, startMs = 0) => Array.from({ length: seconds * 30 }, (_, index) => {
  const place = index % CLIP.video;
  return [startMs + Math.round(index * 1000 / 30), place, place % KEY_FRAMES === 0];
});
const audio = (seconds, startMs = 0) => Array.from({ length: seconds * 50 }, (_, index) =>
  [startMs + index * 20, index % CLIP.audio, true]);
const recordingOf = (pictures, sound) => ({ video: pictures, audio: sound, clip: CLIP, decodeErrors: 0 });

const without = (frames, from, to) => frames.filter((_, index) => index < from || index >= to);

describe('freezes', () => {
  const timesOf = (frames) => frames.map(([ms]) => ms);

  it('are none when pictures come evenly, and none when a few are missing', () => {
    assert.deepStrictEqual(freezesAmong(timesOf(video(3))), []);
    assert.deepStrictEqual(freezesAmong(timesOf(without(video(3), 40, 44))), []);
  });

  it('are gaps of 150 ms more than the mean', () => {
    assert.deepStrictEqual(freezesAmong(timesOf(without(video(3), 40, 46))), [[1300, 1533]]);
  });
});

describe('broken frames', () => {
  it('are none in a whole recording, nor where it begins anew with a key frame after a gap', () => {
    assert.strictEqual(brokenAmong(video(5), CLIP.video), 0);
    assert.strictEqual(brokenAmong(without(video(5), 40, 60), CLIP.video), 0);
  });

  it('are all from a gap to the next key frame, and all before the first one', () => {
    assert.strictEqual(brokenAmong(without(video(5), 40, 50), CLIP.video), 10);
    assert.strictEqual(brokenAmong(video(5).slice(20), CLIP.video), 10);
  });

  it('are those that are not in the clip, and what needs them', () => {
    const frames = video(5);
    frames[35] = [frames[35][0], -1, false];
    assert.strictEqual(brokenAmong(frames, CLIP.video), 25);
    frames[30] = [frames[30][0], -1, true];
    assert.strictEqual(brokenAmong(frames, CLIP.video), 30);
  });
});

describe('the offset between picture and sound', () => {
  it('is 0 where they are as they were sent, also when the clip has begun anew', () => {
    assert.ok(Math.abs(avOffset(recordingOf(video(7), audio(7)))) <= 1);
  });

  /** So many pictures from one on are later than they should be. */
  const lateOnes = (from, count) => video(7).map(([ms, ...rest], index) =>
    [ms + (index >= from && index < from + count ? 25 : 0), ...rest]);

  it('is the one that few are beyond', () => {
    assert.strictEqual(avOffset(recordingOf(video(7, 30), audio(7))), 30);
    assert.strictEqual(avOffset(recordingOf(video(7), audio(7, 70))), -70);
    assert.strictEqual(avOffset(recordingOf(lateOnes(100, 20), audio(7))), 25);
    assert.ok(Math.abs(avOffset(recordingOf(lateOnes(100, 5), audio(7)))) <= 1);
  });

  it('does not count in the first second', () => {
    assert.ok(Math.abs(avOffset(recordingOf(lateOnes(0, 30), audio(7)))) <= 1);
  });

  it('does not mind what is missing or unknown', () => {
    const sound = without(audio(7), 20, 60);
    sound[10][1] = -1;
    assert.ok(Math.abs(avOffset(recordingOf(without(video(7), 30, 60), sound))) <= 1);
  });
});

describe('the figures of a recording', () => {
  it('are those of the window alone, but for what is broken', () => {
    // Ten seconds, of which the first two and the last three do not count.
    const recording = recordingOf(without(without(video(10), 270, 290), 25, 45), without(audio(10), 150, 200));
    const { framesPerSecond, freezes, frozenShare, audioShare, brokenFrames } = recordingFigures(recording, 5, 3000);
    assert.strictEqual(Math.round(framesPerSecond), 30);
    assert.deepStrictEqual({ freezes, frozenShare, brokenFrames }, { freezes: 0, frozenShare: 0, brokenFrames: 25 });
    assert.strictEqual(audioShare, 0.8);
  });

  it('count the part of a freeze that is in the window', () => {
    const recording = recordingOf(without(video(10), 195, 240), audio(10));
    const { freezes, frozenShare } = recordingFigures(recording, 5, 3000);
    assert.strictEqual(freezes, 1);
    assert.ok(Math.abs(frozenShare - 0.1) < 0.01, frozenShare);
  });
});

describe('the figures of the clients', () => {
  it('are sums over the streams of cosoup', () => {
    const consumed = [
      { reception: { recovered: 90, reordered: 0, givenUp: 1, nacks: 120, plis: 2 } },
      { reception: { recovered: 7, reordered: 2, givenUp: 0, nacks: 10, plis: 0 } },
    ];
    const figures = counterFigures(consumed, { reorders: false });
    const line = tableLine('random5', 'cosoup', 30, { video: 91, audio: 9 }, figures);
    assert.strictEqual(counterFigures(consumed, { reorders: true }).recovered, 97);
    const { lost, recovered, recoveredShare, givenUp, nacks, plis, brokenFrames } = line;
    assert.deepStrictEqual({ lost, recovered, recoveredShare, givenUp, nacks, plis, brokenFrames },
      { lost: 100, recovered: 99, recoveredShare: 0.99, givenUp: 1, nacks: 130, plis: 2, brokenFrames: null });
  });

  it('are what has grown since the line became bad of Chromium', () => {
    const report = (video, audio) => ({ video, audio });
    const before = report({ framesDecoded: 90, nackCount: 1 }, { totalSamplesReceived: 1000, packetsLost: 2 });
    const atEnd = report({ framesDecoded: 390, estimatedPlayoutTimestamp: 5030 },
      { totalSamplesReceived: 11_000, concealedSamples: 500, estimatedPlayoutTimestamp: 5000 });
    const settled = report(
      { framesDecoded: 480, nackCount: 21, pliCount: 3, freezeCount: 2, totalFreezesDuration: 0.5,
        retransmittedPacketsReceived: 80 },
      { nackCount: 4, packetsLost: 3 });
    assert.deepStrictEqual(chromiumFigures(before, atEnd, settled, 10, { video: 84, audio: 20 }), {
      framesPerSecond: 30, freezes: 2, frozenShare: 0.05, recovered: 99, nacks: 24, plis: 3, audioShare: 0.95,
      avOffsetMs: -30,
    });
  });

  it('do not believe Chromium that more came again than was lost', () => {
    const before = { video: {}, audio: {} };
    const settled = { video: { retransmittedPacketsReceived: 12 }, audio: { packetsLost: -3 } };
    const { recovered } = chromiumFigures(before, before, settled, 10, { video: 10, audio: 5 });
    assert.strictEqual(recovered, 15);
  });

  it('recover no share of nothing', () => {
    assert.strictEqual(tableLine('clean', 'cosoup', 30, { video: 0, audio: 0 }, { recovered: 0 }).recoveredShare, null);
  });
});
