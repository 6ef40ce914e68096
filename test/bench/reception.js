'use strict';

// What came of a bad line, as figures: of a recording of the clip, whose frames recorded-frames lists, and of
// what a browser's getStats() says. No processes, no clock.

const FRAMES_PER_SECOND = { video: 30, audio: 50 }; // of the clip
// W3C, "Identifiers for WebRTC's Statistics API": freezeCount.
const AVERAGED_FRAMES = 30;
const FREEZE_FACTOR = 3;
const FREEZE_MS = 150;
const UNSYNCED_MS = 1000;
const COUNTED_SHARE = 0.95; // a way that becomes longer takes the two with it one after the other

const rounded = (number, digits) => Number(number.toFixed(digits));
const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
const share = (part, whole) => (whole > 0 ? rounded(part / whole, 4) : null);

/** [from, to] of each picture that stood still, by the times (ms) of the pictures: W3C's definition. */
function freezesAmong(times) {
  const freezes = [];
  const durations = [];
  for (let at = 1; at < times.length; at += 1) {
    const duration = times[at] - times[at - 1];
    durations.push(duration);
    if (durations.length > AVERAGED_FRAMES) durations.shift();
    const average = sum(durations) / durations.length;
    if (duration > Math.max(FREEZE_FACTOR * average, average + FREEZE_MS)) freezes.push([times[at - 1], times[at]]);
  }
  return freezes;
}

/**
 * How many frames ([ms, place, isKey] in a clip of so many frames) are none of the clip's, or follow a gap
 * before a key frame has come.
 */
function brokenAmong(frames, clipFrames) {
  let broken = 0;
  let isWhole = false; // all that the next one may need is there
  let previous = -1;
  for (const [, place, isKey] of frames) {
    const follows = isWhole && place === (previous + 1) % clipFrames;
    isWhole = place >= 0 && (follows || isKey);
    if (!isWhole) broken += 1;
    previous = place;
  }
  return broken;
}

/** For each frame of the clip its time (ms) in the recording less the one in what was sent. */
function delaysOf(frames, clipFrames, framesPerSecond) {
  let rounds = 0;
  let previous = -1;
  const delays = [];
  for (const [ms, place] of frames.filter((frame) => frame[1] >= 0)) {
    if (place < previous) rounds += 1;
    previous = place;
    delays.push({ ms, delay: ms - (rounds * clipFrames + place) * 1000 / framesPerSecond });
  }
  return delays;
}

/**
 * How much later (ms) the picture is than the sound: no more, either way, than this in 95 of 100 pictures after
 * the first second, in which the sender has not yet told how the two belong together. The recording must have
 * been begun while the clip was sent for the first time.
 */
function avOffset({ video, audio, clip }) {
  const sound = delaysOf(audio, clip.audio, FRAMES_PER_SECOND.audio);
  let at = 0;
  const offsets = [];
  for (const { ms, delay } of delaysOf(video, clip.video, FRAMES_PER_SECOND.video)) {
    if (ms < UNSYNCED_MS) continue;
    while (at + 1 < sound.length && sound[at + 1].ms <= ms) at += 1;
    if (sound[at]) offsets.push(delay - sound[at].delay);
  }
  const ascending = offsets.toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const offset = ascending[Math.ceil(COUNTED_SHARE * ascending.length) - 1];
  return offset === undefined ? null : rounded(offset, 0);
}

/** The part of the recording that counts: so many seconds, up to so long before its end. */
function windowOf({ video, audio }, seconds, drainMs) {
  const end = Math.max(video.at(-1)[0], audio.at(-1)[0]) - drainMs;
  return { begin: end - seconds * 1000, end };
}

/** `recording` as recorded-frames prints it. */
function recordingFigures(recording, seconds, drainMs) {
  const { begin, end } = windowOf(recording, seconds, drainMs);
  const within = (frames) => frames.filter(([ms]) => ms >= begin && ms < end).length;
  const freezes = freezesAmong(recording.video.map(([ms]) => ms)).filter(([from, to]) => to > begin && from < end);
  const frozenMs = sum(freezes.map(([from, to]) => Math.min(to, end) - Math.max(from, begin)));
  return {
    framesPerSecond: rounded(within(recording.video) / seconds, 2),
    freezes: freezes.length,
    frozenShare: rounded(frozenMs / (seconds * 1000), 4),
    brokenFrames: brokenAmong(recording.video, recording.clip.video),
    decodeErrors: recording.decodeErrors,
    audioShare: share(within(recording.audio), seconds * FRAMES_PER_SECOND.audio),
    avOffsetMs: avOffset(recording),
  };
}

/**
 * `consumed` as in cosoup-launch's summary. What is sent again without RTX looks like a packet that was
 * overtaken; on a line that does not reorder none is.
 */
function counterFigures(consumed, { reorders }) {
  const total = (name) => sum(consumed.map(({ reception }) => reception[name]));
  return {
    recovered: total('recovered') + (reorders ? 0 : total('reordered')),
    givenUp: total('givenUp'),
    nacks: total('nacks'),
    plis: total('plis'),
  };
}

/**
 * Of three reports {video, audio} of inbound-rtp: from the beginning and the end of the bad line, and from
 * when all that was asked for has come. `lost`: packets by kind.
 */
function chromiumFigures(before, atEnd, settled, seconds, lost) {
  const grown = (kind, name, until = settled) => (until[kind][name] ?? 0) - (before[kind][name] ?? 0);
  const both = (name) => grown('video', name) + grown('audio', name);
  // What is sent again in the same stream lessens what is lost; RTX does not, and counts what came twice.
  const recovered = Math.min(lost.video, grown('video', 'retransmittedPacketsReceived')) +
    Math.max(0, lost.audio - Math.max(0, grown('audio', 'packetsLost')));
  const played = grown('audio', 'totalSamplesReceived', atEnd);
  const times = ['video', 'audio'].map((kind) => atEnd[kind].estimatedPlayoutTimestamp);
  return {
    framesPerSecond: rounded(grown('video', 'framesDecoded', atEnd) / seconds, 2),
    freezes: grown('video', 'freezeCount'),
    frozenShare: rounded(grown('video', 'totalFreezesDuration') / seconds, 4),
    recovered,
    nacks: both('nackCount'),
    plis: grown('video', 'pliCount'),
    audioShare: share(played - grown('audio', 'concealedSamples', atEnd), played),
    avOffsetMs: times.every(Boolean) ? rounded(times[1] - times[0], 0) : null,
  };
}

/** A line of the table, its fields in order; null: nobody can tell. */
function tableLine(line, client, seconds, lost, figures) {
  const total = lost.video + lost.audio;
  return {
    line,
    client,
    seconds,
    framesPerSecond: null,
    freezes: null,
    frozenShare: null,
    lost: total,
    recovered: null,
    recoveredShare: share(figures.recovered, total),
    givenUp: null,
    nacks: null,
    plis: null,
    brokenFrames: null,
    decodeErrors: null,
    audioShare: null,
    avOffsetMs: null,
    iceRestarts: null,
    ...figures,
  };
}

module.exports = { avOffset, brokenAmong, chromiumFigures, counterFigures, freezesAmong, recordingFigures, tableLine };
