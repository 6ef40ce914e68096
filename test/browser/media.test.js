'use strict';

const assert = require('node:assert/strict');
const { useRooms } = require('./support/fixture');
const { codecsOf, picturesOf, samplesOf } = require('./support/recording');

const roomTest = useRooms('--insecure-ws');

// The upper part of SMPTE's colour bars, from left to right: [red, green, blue], on or off.
const BARS = [[1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1]];

/** Waits until someone's picture is the test picture. */
async function seesTestPicture(person, peerId) {
  await person.framesShown(peerId, 30);
  const places = BARS.map((_, i) => ({ x: (i + 0.5) / BARS.length, y: 0.3 }));
  const colours = await person.colours(peerId, places);
  const bars = colours.map((colour) => colour.map((channel) => (channel > 96 ? 1 : 0)));
  assert.deepEqual(bars, BARS, JSON.stringify(colours));
}

roomTest('Chromium sees the test picture of a cosoup that is there already', async (room) => {
  const cosoup = room.cosoup('cosoup', '--produce', 'test', '--consume', 'none');
  await cosoup.event('produced', ({ kind }) => kind === 'video');
  const anna = await room.person('Anna');
  await anna.grows('cosoup', 'video', 'framesDecoded', 30);
  await seesTestPicture(anna, 'cosoup');
});

roomTest('Chromium sees and hears a cosoup that comes later', async (room) => {
  const anna = await room.person('Anna');
  await room.peer(await anna.id(), 'sends', ({ producers }) => producers.length === 2);
  room.cosoup('cosoup', '--consume', 'none', '--produce', 'test:video',
    '--produce', 'launch:audiotestsrc is-live=true freq=880');
  await seesTestPicture(anna, 'cosoup');
  await anna.grows('cosoup', 'audio', 'totalAudioEnergy', 0.01);
  await anna.hears('cosoup', 880);
});

/** How far the pixels of a picture, or the samples of a sound, are apart. */
const span = (values) => values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));

roomTest("cosoup records Chromium's camera and microphone", async (room) => {
  const cosoup = room.cosoup('cosoup', '--consume', `record:${room.folder()}`);
  await cosoup.event('joined');
  const anna = await room.person('Anna');
  await room.peer('cosoup', 'is sent three seconds of both', ({ consumers }) =>
    consumers.length === 2 && consumers.every(({ kind, stats }) =>
      stats.packetCount >= (kind === 'audio' ? 150 : 100)));
  await anna.press('Leave');
  const { peer, path } = await cosoup.event('recording');
  assert.equal(peer, await anna.id());
  assert.deepEqual(await codecsOf(path), { audio: 'Opus', video: 'VP8' });

  const pictures = await picturesOf(path);
  assert.ok(pictures.length > 30, `${pictures.length} pictures`);
  const [first, last] = [pictures[0], pictures.at(-1)];
  assert.ok(span(last) > 32, 'the picture is of one colour');
  assert.ok(span(last.map((pixel, i) => Math.abs(pixel - first[i]))) > 32, 'the picture stands still');
  // Chromium's fake microphone beeps every second.
  assert.ok(span(await samplesOf(path)) > 1000, 'there is no sound');
});

roomTest('cosoup and Chromium go on when both send and receive', async (room) => {
  const cosoup = room.cosoup('cosoup', '--produce', 'test');
  const anna = await room.person('Anna');
  for (const kind of ['audio', 'video']) {
    await cosoup.event('first-rtp', (event) => event.kind === kind);
  }
  await anna.grows('cosoup', 'video', 'framesDecoded', 60);
  await seesTestPicture(anna, 'cosoup');
  assert.equal(await cosoup.stop(), 0);
  const { consumed } = await cosoup.event('summary');
  assert.deepEqual(consumed.map(({ mime }) => mime).sort(), ['audio/opus', 'video/VP8']);
  assert.deepEqual(consumed.filter(({ packets }) => packets === 0), []);
});
